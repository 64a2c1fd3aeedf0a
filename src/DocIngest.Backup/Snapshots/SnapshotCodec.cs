using DocIngest.Backup.Encoding;
using DocIngest.Backup.Repositories;

namespace DocIngest.Backup.Snapshots;

/// <summary>Snapshots as JSON, field by field in restic's order (restic-format 8).</summary>
internal static class SnapshotCodec
{
    /// <exception cref="InvalidDataException">No snapshot that restic could use: it needs a time with a zone and a tree.</exception>
    internal static Snapshot Read(ReadOnlyMemory<byte> json) => JsonFields.Read(json, fields => new Snapshot
    {
        Time = fields.Time("time") ?? throw new InvalidDataException("The snapshot has no time."),
        Parent = File(fields, "parent"),
        Tree = new BlobId(fields.Digest("tree") ?? throw new InvalidDataException("The snapshot has no tree.")),
        Paths = fields.Texts("paths"),
        HostName = fields.Text("hostname") ?? "",
        UserName = fields.Text("username") ?? "",
        UserId = fields.UnsignedInteger("uid") ?? 0,
        GroupId = fields.UnsignedInteger("gid") ?? 0,
        Excludes = fields.Texts("excludes"),
        Tags = fields.Texts("tags"),
        Original = File(fields, "original"),
        ProgramVersion = fields.Text("program_version") ?? "",
        Summary = fields.Object("summary") is { } summary ? ReadSummary(summary) : null,
    });

    internal static ReadOnlyMemory<byte> Write(Snapshot snapshot)
    {
        var json = new GoJson();
        json.BeginObject();
        json.Name("time"u8);
        json.Time(snapshot.Time);
        WriteFile(json, "parent"u8, snapshot.Parent);
        json.Name("tree"u8);
        json.Digest(snapshot.Tree.Digest);
        json.Name("paths"u8);
        WriteTexts(json, snapshot.Paths);
        WriteText(json, "hostname"u8, snapshot.HostName);
        WriteText(json, "username"u8, snapshot.UserName);
        WriteUnlessZero(json, "uid"u8, snapshot.UserId);
        WriteUnlessZero(json, "gid"u8, snapshot.GroupId);
        WriteUnlessEmpty(json, "excludes"u8, snapshot.Excludes);
        WriteUnlessEmpty(json, "tags"u8, snapshot.Tags);
        WriteFile(json, "original"u8, snapshot.Original);
        WriteText(json, "program_version"u8, snapshot.ProgramVersion);
        if (snapshot.Summary is { } summary)
        {
            json.Name("summary"u8);
            WriteSummary(json, summary);
        }

        json.EndObject();
        return json.Written;
    }

    private static SnapshotSummary ReadSummary(JsonFields fields) => new()
    {
        Start = fields.Time("backup_start") ?? default,
        End = fields.Time("backup_end") ?? default,
        FilesNew = fields.LongUnsignedInteger("files_new") ?? 0,
        FilesChanged = fields.LongUnsignedInteger("files_changed") ?? 0,
        FilesUnmodified = fields.LongUnsignedInteger("files_unmodified") ?? 0,
        DirectoriesNew = fields.LongUnsignedInteger("dirs_new") ?? 0,
        DirectoriesChanged = fields.LongUnsignedInteger("dirs_changed") ?? 0,
        DirectoriesUnmodified = fields.LongUnsignedInteger("dirs_unmodified") ?? 0,
        DataBlobs = fields.Integer("data_blobs") ?? 0,
        TreeBlobs = fields.Integer("tree_blobs") ?? 0,
        BytesAdded = fields.LongUnsignedInteger("data_added") ?? 0,
        BytesAddedPacked = fields.LongUnsignedInteger("data_added_packed") ?? 0,
        FilesProcessed = fields.LongUnsignedInteger("total_files_processed") ?? 0,
        BytesProcessed = fields.LongUnsignedInteger("total_bytes_processed") ?? 0,
    };

    private static void WriteSummary(GoJson json, SnapshotSummary summary)
    {
        json.BeginObject();
        json.Name("backup_start"u8);
        json.Time(summary.Start);
        json.Name("backup_end"u8);
        json.Time(summary.End);
        WriteNumber(json, "files_new"u8, summary.FilesNew);
        WriteNumber(json, "files_changed"u8, summary.FilesChanged);
        WriteNumber(json, "files_unmodified"u8, summary.FilesUnmodified);
        WriteNumber(json, "dirs_new"u8, summary.DirectoriesNew);
        WriteNumber(json, "dirs_changed"u8, summary.DirectoriesChanged);
        WriteNumber(json, "dirs_unmodified"u8, summary.DirectoriesUnmodified);
        json.Name("data_blobs"u8);
        json.Number(summary.DataBlobs);
        json.Name("tree_blobs"u8);
        json.Number(summary.TreeBlobs);
        WriteNumber(json, "data_added"u8, summary.BytesAdded);
        WriteNumber(json, "data_added_packed"u8, summary.BytesAddedPacked);
        WriteNumber(json, "total_files_processed"u8, summary.FilesProcessed);
        WriteNumber(json, "total_bytes_processed"u8, summary.BytesProcessed);
        json.EndObject();
    }

    private static FileId? File(JsonFields fields, string name) => fields.Digest(name) is { } digest ? new FileId(digest) : null;

    private static void WriteNumber(GoJson json, ReadOnlySpan<byte> name, ulong value)
    {
        json.Name(name);
        json.Number(value);
    }

    private static void WriteUnlessZero(GoJson json, ReadOnlySpan<byte> name, uint value)
    {
        if (value != 0)
            WriteNumber(json, name, value);
    }

    private static void WriteText(GoJson json, ReadOnlySpan<byte> name, string value)
    {
        if (value.Length == 0)
            return;
        json.Name(name);
        json.String(value);
    }

    private static void WriteFile(GoJson json, ReadOnlySpan<byte> name, FileId? value)
    {
        if (value is not { } id)
            return;
        json.Name(name);
        json.Digest(id.Digest);
    }

    private static void WriteUnlessEmpty(GoJson json, ReadOnlySpan<byte> name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return;
        json.Name(name);
        WriteTexts(json, values);
    }

    private static void WriteTexts(GoJson json, IReadOnlyList<string> values)
    {
        json.BeginArray();
        foreach (string value in values)
            json.String(value);
        json.EndArray();
    }
}
