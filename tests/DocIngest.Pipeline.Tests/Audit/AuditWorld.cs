using System.Text;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests.Audit;

/// <summary>An audit folder on a memory volume, with a clock of its own. Each trail that is opened is another process.</summary>
internal sealed class AuditWorld
{
    public static readonly Actor Tester = new("tester", "urn:docingest:account:test:tester");

    public AuditWorld() => Data.CreateFolder("locks");

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));

    public MemoryVolume Volume { get; } = new();

    public IDurableFolder Data => Volume.FolderAt("");

    public MemoryLocks Locks { get; } = new(TimeProvider.System);

    public string Today => Segment(Time.GetUtcNow());

    public static string Segment(DateTimeOffset day) => $"audit/{day:yyyy-MM-dd}.jsonl";

    public AuditTrail Process(FaultPlan? plan = null) => AuditTrail.Open(
        plan is null ? Data : new FaultyFolder(Data, plan), Locks, AuditOrigin.Of(Tester, isService: false, "test"), () => null, Time, NullLogger.Instance);

    /// <summary>Events that name a record each, by number.</summary>
    public static AuditEvent[] Events(AuditTrail trail, params IEnumerable<int> numbers) =>
        [.. numbers.Select(number => trail.Origin.Event(AuditType.Read, "show", AuditAction.Read, new AuditEntity(AuditEntity.Record, $"urn:test:{number}")))];

    public async Task AppendAsync(params int[] numbers)
    {
        using var trail = Process();
        await trail.AppendAsync(Events(trail, numbers), TestContext.Current.CancellationToken);
    }

    public Task<AuditVerification> VerifyAsync(AuditExpectation? expected = null, OcflStorageRoot? archive = null, string? trusted = null) =>
        new AuditVerifier(Data, Locks, archive, Time).VerifyAsync(expected ?? new AuditExpectation(null, null), trusted, TestContext.Current.CancellationToken);

    /// <summary>Codes of what is wrong, sorted; warnings in brackets.</summary>
    public async Task<string> CodesAsync(AuditExpectation? expected = null, OcflStorageRoot? archive = null) =>
        Codes(await VerifyAsync(expected, archive));

    public static string Codes(AuditVerification verification) =>
        string.Join(' ', verification.Findings.Select(finding => finding.IsError ? finding.Code : $"({finding.Code})").Distinct().Order(StringComparer.Ordinal));

    /// <summary>Which events the chain has, by the number of their record; a break by its kind.</summary>
    public IReadOnlyList<string> Recorded() => [.. AuditLog.Read(Data, new AuditQuery()).Select(entry => Name(entry.Json))];

    public byte[] Bytes(string path)
    {
        using var file = Data.OpenRead(path);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    public string Text(string path) => Encoding.UTF8.GetString(Bytes(path));

    public List<string> Lines(string path) => [.. Text(path).Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>Puts bytes in the place of a file's, as somebody with an editor would.</summary>
    public void Write(string path, byte[] content)
    {
        Data.Delete(path);
        using var file = Data.Create(path);
        file.Write(content);
    }

    public void Write(string path, IEnumerable<string> lines) => Write(path, Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));

    public void Append(string path, string text)
    {
        using var file = Data.OpenAppend(path);
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Copies the audit folder to the disk, for programs of others.</summary>
    public void CopyTo(string folder)
    {
        foreach (var entry in Data.List("audit").Where(entry => entry.Kind == EntryKind.File))
        {
            File.WriteAllBytes(Path.Combine(folder, entry.Name), Bytes($"audit/{entry.Name}"));
        }
    }

    private static string Name(JsonElement entry) =>
        entry.TryGetProperty("break", out var broken) ? broken.GetProperty("kind").GetString() ?? ""
        : (entry.GetProperty("entities")[0].GetProperty("id").GetString() ?? "").Replace("urn:test:", "", StringComparison.Ordinal);
}
