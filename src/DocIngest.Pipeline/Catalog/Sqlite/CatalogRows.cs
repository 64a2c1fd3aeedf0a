using System.Data;
using System.Globalization;
using System.Text.Json;
using DocIngest.Pipeline.Records;
using Microsoft.Data.Sqlite;

namespace DocIngest.Pipeline.Catalog;

/// <summary>
/// Row work on one set of catalog tables, live or shadow, within one transaction. Statements are prepared once and serve a
/// whole group.
/// </summary>
/// <remarks>
/// <para>A record's seat (<c>key</c>) is canonical: sorted by (<see cref="RecordId.OrderKey"/>, id), each record sits at its order
/// key or, where that is taken, right after its predecessor. So seats depend on which records there are and never on the order in
/// which they came, key DESC is newest first with ids breaking ties, and no seat between a record's order key and its seat is
/// free, which is how it is found without an index on ids.</para>
/// </remarks>
internal sealed class CatalogRows : IDisposable
{
    private const string InstantFormat = "yyyy-MM-ddTHH:mm:ss.FFFFFFF'Z'";
    private static readonly string[] TitleKeys = ["title", "doctitle"];

    private readonly SqliteConnection _connection;
    private readonly SqliteTransaction _transaction;
    private readonly List<SqliteCommand> _commands = [];
    private readonly SqliteCommand _idAt;
    private readonly SqliteCommand _headAt;
    private readonly SqliteCommand _putRecord;
    private readonly SqliteCommand _putText;
    private readonly SqliteCommand _updateText;
    private readonly SqliteCommand _putField;
    private readonly SqliteCommand _removeField;
    private readonly SqliteCommand _putVersion;
    private readonly SqliteCommand _removeVersions;
    private readonly SqliteCommand _putFigures;
    private readonly SqliteCommand _removeFigures;
    private readonly SqliteCommand _removeRecord;
    private readonly SqliteCommand _removeText;
    private readonly SqliteCommand[] _move;

    public CatalogRows(SqliteTransaction transaction, string prefix)
    {
        _transaction = transaction;
        _connection = transaction.Connection ?? throw new InvalidOperationException("The transaction has ended.");
        _idAt = Prepare($"SELECT id FROM {prefix}_records WHERE key = @key", "@key");
        _headAt = Prepare($"SELECT version, record FROM {prefix}_records WHERE key = @key", "@key");
        _putRecord = Prepare(
            $"""
            INSERT OR REPLACE INTO {prefix}_records
                (key, id, version, record_class, profile, document_key, received_at, text_status, sha512, withdrawn, record)
            VALUES (@key, @id, @version, @class, @profile, @document, @received, @status, @sha512, @withdrawn, @record)
            """,
            "@key", "@id", "@version", "@class", "@profile", "@document", "@received", "@status", "@sha512", "@withdrawn", "@record");
        _putText = Prepare(
            $"INSERT INTO {prefix}_fts (rowid, body, fields, name, title, tags) VALUES (@key, @body, @fields, @name, @title, @tags)",
            "@key", "@body", "@fields", "@name", "@title", "@tags");
        _updateText = Prepare(
            $"UPDATE {prefix}_fts SET body = @body, fields = @fields, name = @name, title = @title, tags = @tags WHERE rowid = @key",
            "@key", "@body", "@fields", "@name", "@title", "@tags");
        _putField = Prepare($"INSERT INTO {prefix}_fields (name, value, key) VALUES (@name, @value, @key)", "@key", "@name", "@value");
        _removeField = Prepare(
            $"DELETE FROM {prefix}_fields WHERE name = @name AND value = @value AND key = @key", "@key", "@name", "@value");
        _putVersion = Prepare(
            $"""
            INSERT INTO {prefix}_versions (key, number, created, message, user_name, user_address, sha512)
            VALUES (@key, @number, @created, @message, @user, @address, @sha512)
            """,
            "@key", "@number", "@created", "@message", "@user", "@address", "@sha512");
        _removeVersions = Prepare($"DELETE FROM {prefix}_versions WHERE key = @key", "@key");
        _putFigures = Prepare(
            $"""
            INSERT OR REPLACE INTO {prefix}_figures
                (key, record_class, profile, filed_by, withdrawn, is_batch, versions, pages, with_text, by_ocr, pending_ocr, blank, wordless, failed, {PageFigures.Columns})
            VALUES (@key, @class, @profile, @by, @withdrawn, @batch, @versions, @pages, @text, @ocr, @pending, @blank, @wordless, @failed, {PageFigures.Parameters})
            """,
            [
                "@key", "@class", "@profile", "@by", "@withdrawn", "@batch", "@versions", "@pages", "@text", "@ocr", "@pending", "@blank", "@wordless", "@failed",
                .. PageFigures.ParameterNames,
            ]);
        _removeFigures = Prepare($"DELETE FROM {prefix}_figures WHERE key = @key", "@key");
        _removeRecord = Prepare($"DELETE FROM {prefix}_records WHERE key = @key", "@key");
        _removeText = Prepare($"DELETE FROM {prefix}_fts WHERE rowid = @key", "@key");
        _move =
        [
            Prepare($"UPDATE {prefix}_records SET key = @to WHERE key = @key", "@key", "@to"),
            Prepare($"UPDATE {prefix}_versions SET key = @to WHERE key = @key", "@key", "@to"),
            Prepare($"UPDATE {prefix}_figures SET key = @to WHERE key = @key", "@key", "@to"),
            Prepare(
                $"""
                INSERT INTO {prefix}_fts (rowid, body, fields, name, title, tags)
                SELECT @to, body, fields, name, title, tags FROM {prefix}_fts WHERE rowid = @key
                """,
                "@key", "@to"),
        ];
    }

    /// <summary>Adds or updates a record, unless a version as new is held: then, false. An equal version is written again where asked.</summary>
    public bool Put(CatalogEntry entry, bool rewriteEqual)
    {
        if (entry.Versions.Count == 0)
        {
            throw new ArgumentException("A catalog entry has at least one version.", nameof(entry));
        }

        if (Seat(entry.Record.Id) is not { } key)
        {
            key = TakeSeat(entry.Record.Id);
            Write(key, entry, _putText);
            return true;
        }

        var (version, held) = HeadAt(key);
        if (version > entry.Head || (version == entry.Head && !rewriteEqual))
        {
            return false;
        }

        RemoveFields(key, held);
        Run(_removeVersions, key);
        Write(key, entry, _updateText);
        return true;
    }

    /// <summary>Removes a record; false where there was none.</summary>
    public bool Remove(RecordId id)
    {
        if (Seat(id) is not { } key)
        {
            return false;
        }

        RemoveFields(key, HeadAt(key).Record);
        Run(_removeVersions, key);
        Run(_removeText, key);
        Run(_removeFigures, key);
        Run(_removeRecord, key);

        // Those that sat higher for want of this seat move down, so that seats stay canonical.
        while (IdAt(key + 1) is { } next && next.OrderKey <= key)
        {
            Move(key + 1, key);
            key++;
        }

        return true;
    }

    /// <summary>Where a record sits; null where the catalog has none of this id.</summary>
    public long? Seat(RecordId id)
    {
        for (long key = id.OrderKey; IdAt(key) is { } held; key++)
        {
            if (held == id)
            {
                return key;
            }
        }

        return null;
    }

    public void Dispose() => _commands.ForEach(command => command.Dispose());

    /// <summary>An instant as the catalog writes it: UTC, as many decimals as it has.</summary>
    public static string Written(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString(InstantFormat, CultureInfo.InvariantCulture);

    private long TakeSeat(RecordId id)
    {
        long seat = id.OrderKey;
        while (IdAt(seat) is { } held && (held.OrderKey, held).CompareTo((id.OrderKey, id)) < 0)
        {
            seat++;
        }

        long free = seat;
        while (IdAt(free) is not null)
        {
            free++;
        }

        for (; free > seat; free--)
        {
            Move(free - 1, free);
        }

        return seat;
    }

    private void Move(long from, long to)
    {
        foreach (var (name, value) in HeadAt(from).Record.SearchedFields())
        {
            RunField(_removeField, from, name, value);
            RunField(_putField, to, name, value);
        }

        foreach (var command in _move)
        {
            command.Parameters["@to"].Value = to;
            Run(command, from);
        }

        Run(_removeText, from);
    }

    private void Write(long key, CatalogEntry entry, SqliteCommand text)
    {
        var record = entry.Record;
        Set(_putRecord, key, record.Id.ToBareString(), entry.Head, record.RecordClass, record.Profile, (object?)record.DocumentKey ?? DBNull.Value,
            Written(record.ReceivedAt), record.TextStatus.ToWord(), Convert.FromHexString(record.Sha512), record.Withdrawn is not null, ToJson(record));
        _putRecord.ExecuteNonQuery();

        Set(text, key, SearchTags.Clean(entry.Text.ToPlainText()), SearchTags.Clean(FieldWords(record)),
            SearchTags.Clean(record.FileName), SearchTags.Clean(Titles(record)), SearchTags.Of(record));
        text.ExecuteNonQuery();

        foreach (var (name, value) in record.SearchedFields())
        {
            RunField(_putField, key, name, value);
        }

        foreach (var version in entry.Versions)
        {
            Set(_putVersion, key, version.Number, Written(version.Created), version.Message, version.UserName,
                (object?)version.UserAddress ?? DBNull.Value, Convert.FromHexString(version.Content.Hex));
            _putVersion.ExecuteNonQuery();
        }

        WriteFigures(key, entry);
    }

    private void WriteFigures(long key, CatalogEntry entry)
    {
        var (record, pages) = (entry.Record, entry.Record.Pages);
        var read = PageFigures.Of(entry.Text, pages);
        Set(_putFigures,
            [
                key, record.RecordClass, record.Profile, entry.Versions[0].UserName, record.Withdrawn is not null, record.Batch is not null, entry.Head,
                pages.Total, pages.WithText, read.ByOcr, pages.PendingOcr, pages.Blank, pages.Wordless, pages.Failed,
                .. read.ByConfidence.Select(count => (object)count),
            ]);
        _putFigures.ExecuteNonQuery();
    }

    private void RemoveFields(long key, RecordDocument record)
    {
        foreach (var (name, value) in record.SearchedFields())
        {
            RunField(_removeField, key, name, value);
        }
    }

    private RecordId? IdAt(long key)
    {
        _idAt.Parameters[0].Value = key;
        return _idAt.ExecuteScalar() is string id ? RecordId.Parse(id) : null;
    }

    private (int Version, RecordDocument Record) HeadAt(long key)
    {
        _headAt.Parameters[0].Value = key;
        using var row = _headAt.ExecuteReader(CommandBehavior.SingleRow);
        row.Read();
        return (row.GetInt32(0), FromJson(row.GetString(1)));
    }

    private static string ToJson(RecordDocument record) => JsonSerializer.Serialize(record, RecordJson.Instance.RecordDocument);

    /// <summary>Reads the <c>record</c> column.</summary>
    public static RecordDocument FromJson(string json) =>
        JsonSerializer.Deserialize(json, RecordJson.Instance.RecordDocument) ?? throw new JsonException("A record is an object, not null.");

    // What a rule calls it, and pdf:title, xmp:title, dc:title …: whatever a format calls its title.
    private static string Titles(RecordDocument record) => string.Join('\n', record.Metadata
        .Where(entry => TitleKeys.Contains(entry.Key[(entry.Key.LastIndexOf(':') + 1)..], StringComparer.OrdinalIgnoreCase))
        .Select(entry => entry.Value)
        .Prepend(record.Title).Where(title => title is not null));

    private static string FieldWords(RecordDocument record) => string.Join(
        '\n', record.SearchedFields().Select(field => field.Value).Concat(record.Codes.Select(code => code.Term)).Concat(record.Tags));

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
        command.Transaction = _transaction;
        command.CommandText = sql;
        foreach (string parameter in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        }

        _commands.Add(command);
        return command;
    }

    private static void Set(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (int at = 0; at < values.Length; at++)
        {
            command.Parameters[at].Value = values[at];
        }
    }

    private static void Run(SqliteCommand command, long key)
    {
        command.Parameters[0].Value = key;
        command.ExecuteNonQuery();
    }

    private static void RunField(SqliteCommand command, long key, string name, string value)
    {
        Set(command, key, name, value);
        command.ExecuteNonQuery();
    }
}
