using System.Data.Common;
using System.Globalization;
using System.Text;
using DocIngest.Archive;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Records;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace DocIngest.Pipeline.Catalog;

/// <summary>The catalog in SQLite, full text by FTS5. Safe for many threads and processes; see <see cref="SqliteDatabase"/>.</summary>
public sealed class SqliteCatalog(SqliteDatabase database) : ICatalogReader, ICatalogWriter
{
    // body, fields, name, title, tags: a field value or a title that holds the word says more than a page that does.
    private const string Weights = "1.0, 4.0, 2.0, 3.0, 0.0";
    private const int NoLimit = -1;
    private static readonly DateTimeOffset LastOrdered = new(2109, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <inheritdoc />
    public void Put(DbTransaction transaction, params IReadOnlyCollection<CatalogEntry> entries)
    {
        var own = (SqliteTransaction)transaction;

        // Ascending: the index would begin a new segment at every step back.
        CatalogEntry[] ascending = [.. entries.OrderBy(entry => entry.Record.Id.OrderKey)];
        WriteTo(own, CatalogTables.LivePrefix, ascending);
        if (CatalogRebuild.IsRunning(own))
        {
            CatalogRebuild.Unremove(own, ascending.Select(entry => entry.Record.Id));
            WriteTo(own, CatalogTables.ShadowPrefix, ascending);
        }
    }

    /// <inheritdoc />
    public bool Remove(DbTransaction transaction, RecordId id)
    {
        var own = (SqliteTransaction)transaction;
        if (CatalogRebuild.IsRunning(own))
        {
            CatalogRebuild.Removed(own, id);
            using var shadow = new CatalogRows(own, CatalogTables.ShadowPrefix);
            shadow.Remove(id);
        }

        using var rows = new CatalogRows(own, CatalogTables.LivePrefix);
        return rows.Remove(id);
    }

    /// <inheritdoc />
    public IEnumerable<FoundRecord> Find(FindQuery query, CancellationToken cancellation)
    {
        if (query.Limit is { } limit)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(limit);
        }

        var text = SearchText.Parse(query.Text);
        return FindAll(query, text, cancellation);
    }

    /// <inheritdoc />
    public ShownRecord? Show(RecordId id)
    {
        using var connection = database.OpenReader();
        using var transaction = connection.BeginTransaction(deferred: true);
        if (Seat(transaction, id) is not { } key)
        {
            return null;
        }

        using var command = Command(transaction, "SELECT record FROM catalog_records WHERE key = @key", ("@key", key));
        return command.ExecuteScalar() is string record
            ? new ShownRecord(CatalogRows.FromJson(record), Versions(transaction, key)[^1])
            : null;
    }

    /// <inheritdoc />
    public IReadOnlyList<RecordVersion> History(RecordId id)
    {
        using var connection = database.OpenReader();
        using var transaction = connection.BeginTransaction(deferred: true);
        return Seat(transaction, id) is { } key ? Versions(transaction, key) : [];
    }

    /// <inheritdoc />
    public string? Text(RecordId id)
    {
        using var connection = database.OpenReader();
        using var transaction = connection.BeginTransaction(deferred: true);
        if (Seat(transaction, id) is not { } key)
        {
            return null;
        }

        using var command = Command(transaction, "SELECT body FROM catalog_fts WHERE rowid = @key", ("@key", key));
        return (string?)command.ExecuteScalar();
    }

    /// <inheritdoc />
    public IReadOnlyList<RecordId> WithContent(Sha512Digest content) => Ids(
        "SELECT id FROM catalog_records WHERE substr(sha512, 1, 8) = substr(@sha512, 1, 8) AND sha512 = @sha512 ORDER BY key DESC",
        ("@sha512", Convert.FromHexString(content.Hex)));

    /// <inheritdoc />
    public IReadOnlyList<RecordId> WithDocumentKey(string profile, string documentKey) => Ids(
        "SELECT id FROM catalog_records WHERE profile = @profile AND document_key = @document ORDER BY key DESC",
        ("@profile", profile), ("@document", documentKey));

    /// <inheritdoc />
    public long Count()
    {
        using var connection = database.OpenReader();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM catalog_records";
        return (long)(command.ExecuteScalar() ?? 0L);
    }

    /// <summary>The record of the whole scan that a record was cut from; null for any other.</summary>
    internal static RecordId? WholeOf(SqliteConnection connection, RecordId id)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT json_extract(record, '$.partOf.batch') FROM catalog_records WHERE key BETWEEN @key AND @key + 1000 AND id = @id";   // seats are close to order keys
        command.Parameters.AddWithValue("@key", id.OrderKey);
        command.Parameters.AddWithValue("@id", id.ToBareString());
        return command.ExecuteScalar() is string batch ? RecordId.Parse(batch) : null;
    }

    private static void WriteTo(SqliteTransaction transaction, string prefix, CatalogEntry[] ascending)
    {
        using var rows = new CatalogRows(transaction, prefix);
        foreach (var entry in ascending)
        {
            rows.Put(entry, rewriteEqual: true);
        }
    }

    private IEnumerable<FoundRecord> FindAll(FindQuery query, SearchText text, CancellationToken cancellation)
    {
        using var connection = database.OpenReader();
        using var transaction = connection.BeginTransaction(deferred: true);
        using var interrupt = cancellation.Register(() => raw.sqlite3_interrupt(connection.Handle));   // ends before the transaction does
        using var hits = Hits(transaction, query, text);
        using var row = Command(transaction, "SELECT version, record FROM catalog_records WHERE key = @key", ("@key", 0L));
        using var body = Command(transaction, "SELECT body FROM catalog_fts WHERE rowid = @key", ("@key", 0L));
        using var keys = Step(hits.ExecuteReader, cancellation);
        while (Step(keys.Read, cancellation))
        {
            yield return Step(() => Found(keys, row, body, query.Snippets, text), cancellation);
        }
    }

    private static FoundRecord Found(SqliteDataReader keys, SqliteCommand row, SqliteCommand body, SnippetStyle? style, SearchText text)
    {
        long key = keys.GetInt64(0);
        double? score = keys.IsDBNull(1) ? null : -keys.GetDouble(1);   // FTS5 gives better matches smaller numbers
        string? snippet = null;
        if (style is not null)
        {
            body.Parameters[0].Value = key;
            snippet = Snippet.Around((string?)body.ExecuteScalar() ?? "", text.Terms, style);
        }

        row.Parameters[0].Value = key;
        using var values = row.ExecuteReader();
        values.Read();
        return new FoundRecord(CatalogRows.FromJson(values.GetString(1)), values.GetInt32(0), snippet, score);
    }

    // An interrupt stays in force until no statement of the connection is active: any of them may be the one that meets it.
    private static T Step<T>(Func<T> step, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            return step();
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            throw new OperationCanceledException("The search was cancelled.", error, cancellation);
        }
    }

    // Words, and two filters or more, are one intersection inside the index. A single filter has an index that already
    // lists it newest first.
    private static SqliteCommand Hits(SqliteTransaction transaction, FindQuery query, SearchText text)
    {
        string match = string.Join(" AND ", new[] { text.ToMatch() }.Concat(Tags(query)).Where(term => term.Length > 0));
        int filters = Tags(query).Count();
        var (table, key, condition) = (text.Terms.Count, filters) switch
        {
            (0, 0) => ("catalog_records", "key", "true"),
            (0, 1) when query.RecordClass is not null => ("catalog_records", "key", "record_class = @class"),
            (0, 1) when query.Fields.Count == 1 => ("catalog_fields", "key", query.Fields[0].Or is null ? "name = @name AND value = @value" : "name = @name AND value IN (@value, @or)"),
            _ => ("catalog_fts", "rowid", "catalog_fts MATCH @match"),
        };
        var sql = new StringBuilder($"SELECT {key}, {(query.IsRanked ? $"bm25(catalog_fts, {Weights})" : "NULL")} AS score FROM {table} WHERE {condition}");
        var parameters = new List<(string, object)>
        {
            ("@match", match),
            ("@class", query.RecordClass ?? ""),
            ("@name", query.Fields.Count > 0 ? query.Fields[0].Name : ""),
            ("@value", query.Fields.Count > 0 ? query.Fields[0].Value : ""),
            ("@or", query.Fields.Count > 0 ? query.Fields[0].Or ?? "" : ""),
            ("@limit", query.MostRecords ?? NoLimit),
        };
        sql.Append(CultureInfo.InvariantCulture, $" AND {key} {(query.Withdrawn ? "" : "NOT ")}IN (SELECT key FROM catalog_records WHERE withdrawn)");   // few: its index holds no others
        if (query.From is { } from)
        {
            sql.Append(CultureInfo.InvariantCulture, $" AND {key} >= @from");
            parameters.Add(("@from", FirstKeyAt(from)));
        }

        if (query.To is { } to)
        {
            sql.Append(CultureInfo.InvariantCulture, $" AND {key} < @to");
            parameters.Add(("@to", FirstKeyAt(to)));
        }

        sql.Append(CultureInfo.InvariantCulture, $" ORDER BY {(query.IsRanked ? "score, " : "")}{key} DESC LIMIT @limit");
        parameters.RemoveAll(parameter => !sql.ToString().Contains(parameter.Item1, StringComparison.Ordinal));
        return Command(transaction, sql.ToString(), [.. parameters]);
    }

    // Ids are drawn to the millisecond: an instant within one begins at the next. Order keys end in the year 2109.
    private static long FirstKeyAt(DateTimeOffset instant)
    {
        if (instant >= LastOrdered)
        {
            return long.MaxValue;
        }

        bool whole = instant.UtcTicks % TimeSpan.TicksPerMillisecond == 0;
        return RecordId.FirstOrderKeyAt(whole ? instant : instant.AddMilliseconds(1));
    }

    // One term for each filter, as the index wants it.
    private static IEnumerable<string> Tags(FindQuery query)
    {
        if (query.RecordClass is { } recordClass)
        {
            yield return Quoted(SearchTags.OfClass(recordClass));
        }

        if (query.TextStatus is { } status)
        {
            yield return Quoted(SearchTags.OfStatus(status));
        }

        foreach (string tag in query.Flags.Select(SearchTags.OfFlag).Concat(query.Tags.Select(SearchTags.OfTag)))
        {
            yield return Quoted(tag);
        }

        foreach (var field in query.Fields)
        {
            string term = string.Join(" OR ", field.Values.Select(value => Quoted(SearchTags.OfField(field.Name, value))));
            yield return field.Or is null ? term : $"({term})";
        }

        static string Quoted(string tag) => $"\"{tag}\"";
    }

    private static long? Seat(SqliteTransaction transaction, RecordId id)
    {
        using var command = Command(transaction, "SELECT key, id FROM catalog_records WHERE key >= @key ORDER BY key", ("@key", id.OrderKey));
        using var rows = command.ExecuteReader();
        string wanted = id.ToBareString();
        for (long expected = id.OrderKey; rows.Read() && rows.GetInt64(0) == expected; expected++)
        {
            if (rows.GetString(1) == wanted)
            {
                return expected;
            }
        }

        return null;
    }

    private static List<RecordVersion> Versions(SqliteTransaction transaction, long key)
    {
        using var command = Command(
            transaction,
            "SELECT number, created, message, user_name, user_address, sha512 FROM catalog_versions WHERE key = @key ORDER BY number",
            ("@key", key));
        using var rows = command.ExecuteReader();
        var versions = new List<RecordVersion>();
        while (rows.Read())
        {
            versions.Add(new RecordVersion(
                rows.GetInt32(0),
                DateTimeOffset.Parse(rows.GetString(1), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                rows.GetString(2),
                rows.GetString(3),
                rows.IsDBNull(4) ? null : rows.GetString(4),
                Sha512Digest.FromBytes((byte[])rows.GetValue(5))));
        }

        return versions;
    }

    private List<RecordId> Ids(string sql, params ReadOnlySpan<(string, object)> parameters)
    {
        using var connection = database.OpenReader();
        using var transaction = connection.BeginTransaction(deferred: true);
        using var command = Command(transaction, sql, parameters);
        using var rows = command.ExecuteReader();
        var ids = new List<RecordId>();
        while (rows.Read())
        {
            ids.Add(RecordId.Parse(rows.GetString(0)));
        }

        return ids;
    }

    private static SqliteCommand Command(SqliteTransaction transaction, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var connection = transaction.Connection ?? throw new InvalidOperationException("The transaction has ended.");
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
