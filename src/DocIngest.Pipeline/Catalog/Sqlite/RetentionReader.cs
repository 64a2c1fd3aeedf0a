using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Records;
using Microsoft.Data.Sqlite;

namespace DocIngest.Pipeline.Catalog;

/// <summary>Reads what a retention plan goes by, all of one state of the catalog. One thread.</summary>
/// <remarks>Statements are prepared once: a plan asks for the events of some hundred thousand records.</remarks>
public sealed class RetentionReader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteTransaction _transaction;
    private readonly SqliteCommand _events;

    /// <param name="database">The catalog.</param>
    public RetentionReader(SqliteDatabase database)
    {
        _connection = database.OpenReader();
        _transaction = _connection.BeginTransaction(deferred: true);
        _events = Command(
            """
            SELECT s.object, s.version, s.is_writing, d.kind, d.first, d.last, d.first_entry, d.last_entry
            FROM event_subject s LEFT JOIN event_dates d ON d.subject = s.id
            WHERE s.number = @number AND s.kind = @kind ORDER BY s.id, d.kind
            """,
            ("@number", ""), ("@kind", ""));
    }

    /// <summary>Records, oldest first.</summary>
    /// <param name="fields">Names of the fields that are wanted.</param>
    /// <param name="recordClass">Only of this class; null for all.</param>
    public IEnumerable<RecordOfClass> Records(IReadOnlyList<string> fields, string? recordClass)
    {
        using var command = Wanted(fields, "@class IS NULL OR record_class = @class", ("@class", (object?)recordClass ?? DBNull.Value));
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            yield return Read(rows, fields.Count);
        }
    }

    /// <summary>One record; null where the catalog has none of this id.</summary>
    public RecordOfClass? Find(RecordId id, IReadOnlyList<string> fields)
    {
        // Between its order key and its seat no seat is free (CatalogRows): the look ends after a few rows.
        using var command = Wanted(fields, "key >= @key", ("@key", id.OrderKey));
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            var found = Read(rows, fields.Count);
            if (found.Id == id || found.Id.OrderKey > id.OrderKey)
            {
                return found.Id == id ? found : null;
            }
        }

        return null;
    }

    /// <summary>Events of a patient or case, by object.</summary>
    public IReadOnlyList<EventHolder> EventsOf(string kind, string number)
    {
        _events.Parameters[0].Value = number;
        _events.Parameters[1].Value = kind;
        using var rows = _events.ExecuteReader();
        var holders = new List<EventHolder>();
        var dates = new List<EventDates>();
        while (rows.Read())
        {
            string name = rows.GetString(0);
            if (holders.Count == 0 || holders[^1].Object != name)
            {
                dates = [];
                holders.Add(new EventHolder(name, rows.GetInt32(1), rows.GetInt64(2) != 0, dates));
            }

            if (!rows.IsDBNull(3))
            {
                dates.Add(new EventDates(
                    rows.GetString(3), DateOnly.FromDayNumber(rows.GetInt32(4)), DateOnly.FromDayNumber(rows.GetInt32(5)), rows.GetInt32(6), rows.GetInt32(7)));
            }
        }

        return holders;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _events.Dispose();
        _transaction.Dispose();
        _connection.Dispose();
    }

    private static RecordOfClass Read(SqliteDataReader rows, int fields)
    {
        string?[] values = new string?[fields];
        for (int at = 0; at < fields; at++)
        {
            values[at] = rows.IsDBNull(at + 4) ? null : rows.GetString(at + 4);
        }

        return new RecordOfClass(RecordId.Parse(rows.GetString(0)), rows.GetInt32(1), rows.GetString(2), values);
    }

    private SqliteCommand Wanted(IReadOnlyList<string> fields, string where, params (string, object)[] parameters)
    {
        string columns = string.Concat(fields.Select((_, at) => $", json_extract(record, @field{at})"));
        return Command(
            $"SELECT id, version, record_class, key{columns} FROM catalog_records WHERE {where} ORDER BY key",
            [.. parameters, .. fields.Select((name, at) => ($"@field{at}", (object)$"$.fields.\"{name}\""))]);
    }

    private SqliteCommand Command(string sql, params (string Name, object Value)[] parameters)
    {
        var command = _connection.CreateCommand();
        command.Transaction = _transaction;
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
