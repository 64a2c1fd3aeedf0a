using System.Text.Json;
using System.Text.Json.Serialization;
using DocIngest.Storage;

namespace DocIngest.Backup.Checks;

/// <summary>Keeps verifications in a file of JSON lines, of which new ones are appended.</summary>
/// <remarks>
/// <para>A line: <c>{"time":"2026-11-24T12:00:00Z","sound":["&lt;pack&gt;",…],"damaged":["&lt;pack&gt;",…]}</c>. Of several lines about a
/// pack the last counts.</para>
/// <para>A crash while appending tears the last line at most, and it is left out: its packs count as read before, or never, which is the
/// safe side. Rewriting goes to a second file, which is flushed and then takes the place of the first.</para>
/// </remarks>
/// <param name="folder">Outside the repository, on a disk of the service.</param>
/// <param name="path">The file; made when the first verification is recorded.</param>
public sealed class FileVerificationLog(IDurableFolder folder, string path) : IVerificationLog
{
    private const byte LineFeed = (byte)'\n';
    private const int PacksInLine = 500;
    private const int RewrittenAtForgotten = 1000;

    /// <inheritdoc />
    public async Task<IReadOnlyDictionary<FileId, PackVerification>> LoadAsync(CancellationToken cancellation)
    {
        var (last, _) = Parse(await ReadAsync(cancellation));
        return last;
    }

    /// <inheritdoc />
    public async Task RecordAsync(IReadOnlyCollection<PackVerification> verifications, CancellationToken cancellation)
    {
        if (verifications.Count == 0)
            return;
        var before = folder.Mark();
        using var lines = new MemoryStream();
        if (await IsTornAsync(cancellation))
            lines.WriteByte(LineFeed);   // what was torn must not swallow what comes
        Write(lines, verifications);
        await using (var file = folder.OpenAppend(path))
            await file.WriteAsync(lines.GetBuffer().AsMemory(0, (int)lines.Length), cancellation);
        await folder.FlushAsync(before, cancellation);
    }

    /// <inheritdoc />
    public async Task KeepOnlyAsync(IReadOnlySet<FileId> packs, CancellationToken cancellation)
    {
        var (last, count) = Parse(await ReadAsync(cancellation));
        var kept = last.Values.Where(verification => packs.Contains(verification.Pack)).ToList();
        if (count - kept.Count < Math.Max(RewrittenAtForgotten, kept.Count))
            return;   // not worth it yet
        var before = folder.Mark();
        using var lines = new MemoryStream();
        Write(lines, kept);
        string rewritten = $"{path}.new";
        folder.Delete(rewritten);   // of a rewriting that was interrupted
        await using (var file = folder.Create(rewritten))
            await file.WriteAsync(lines.GetBuffer().AsMemory(0, (int)lines.Length), cancellation);   // 1: beside the old one
        await folder.FlushAsync(before, cancellation);   // 2: durable
        folder.Replace(rewritten, path);   // 3: in its place
        await folder.FlushAsync(before, cancellation);   // 4: durably so
    }

    private async Task<byte[]> ReadAsync(CancellationToken cancellation)
    {
        if (folder.Find(path) is null)
            return [];
        await using var file = folder.OpenRead(path);
        byte[] content = new byte[file.Length];
        await file.ReadExactlyAsync(content, cancellation);
        return content;
    }

    private async Task<bool> IsTornAsync(CancellationToken cancellation)
    {
        if (folder.Find(path) is not { Stamp.SizeBytes: > 0 } entry)
            return false;
        await using var file = folder.OpenRead(path);
        file.Position = entry.Stamp.SizeBytes - 1;
        byte[] end = new byte[1];
        await file.ReadExactlyAsync(end, cancellation);
        return end[0] != LineFeed;
    }

    private static (Dictionary<FileId, PackVerification> Last, int Count) Parse(byte[] content)
    {
        var last = new Dictionary<FileId, PackVerification>();
        int count = 0;
        for (int from = 0; from < content.Length;)
        {
            int length = content.AsSpan(from).IndexOf(LineFeed);
            if (length < 0)
                break;   // torn
            foreach (var verification in ParseLine(content.AsSpan(from, length)))
            {
                last[verification.Pack] = verification;
                count++;
            }

            from += length + 1;
        }

        return (last, count);
    }

    private static List<PackVerification> ParseLine(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, VerificationJson.Default.VerificationLine)?.ToVerifications() ?? [];
        }
        catch (JsonException)
        {
            return [];   // torn, and then ended by the next writer
        }
    }

    private static void Write(Stream lines, IEnumerable<PackVerification> verifications)
    {
        foreach (var sameTime in verifications.GroupBy(verification => verification.Time))
        {
            foreach (var some in sameTime.Chunk(PacksInLine))
            {
                JsonSerializer.Serialize(lines, VerificationLine.Of(sameTime.Key, some), VerificationJson.Default.VerificationLine);
                lines.WriteByte(LineFeed);
            }
        }
    }
}

/// <summary>A line of the file.</summary>
internal sealed record VerificationLine(
    [property: JsonPropertyName("time")] DateTimeOffset Time,
    [property: JsonPropertyName("sound")] IReadOnlyList<string>? Sound,
    [property: JsonPropertyName("damaged")] IReadOnlyList<string>? Damaged)
{
    internal static VerificationLine Of(DateTimeOffset time, IReadOnlyList<PackVerification> verifications) =>
        new(time.ToUniversalTime(), Names(verifications, true), Names(verifications, false));

    internal List<PackVerification> ToVerifications() => [.. Parsed(Sound, true), .. Parsed(Damaged, false)];

    private static List<string>? Names(IReadOnlyList<PackVerification> verifications, bool isSound)
    {
        var names = verifications.Where(verification => verification.IsSound == isSound).Select(verification => $"{verification.Pack}").ToList();
        return names.Count > 0 ? names : null;
    }

    private IEnumerable<PackVerification> Parsed(IReadOnlyList<string>? names, bool isSound)
    {
        foreach (string name in names ?? [])
        {
            if (FileId.TryParse(name, out var pack))
                yield return new PackVerification(pack, Time, isSound);
        }
    }
}

/// <summary>Without reflection.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VerificationLine))]
internal sealed partial class VerificationJson : JsonSerializerContext;
