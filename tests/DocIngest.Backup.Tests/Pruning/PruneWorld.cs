using DocIngest.Backup.Pruning;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Tests.Backups;
using DocIngest.Storage;
using DocIngest.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Backup.Tests.Pruning;

/// <summary>Prunes of repositories in memory, and the real restic on what they leave.</summary>
internal static class PruneWorld
{
    public static PruneOptions Tight { get; } = new() { MostUnusedPercent = 0 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static FakeTimeProvider Clock() => new(new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero));

    public static async Task<PruneResult> PruneAsync(IDurableFolder folder, PruneOptions? options = null, FakeTimeProvider? clock = null)
    {
        using var repository = await RepositoryWorld.OpenAsync(folder);
        return await PruneAsync(repository, options, clock);
    }

    public static async Task<PruneResult> PruneAsync(Repository repository, PruneOptions? options = null, FakeTimeProvider? clock = null)
    {
        clock ??= Clock();
        return await BackupWorld.HurryAsync(
            clock, PruneRun.RunAsync(repository, options ?? Tight, BackupWorld.Terms(clock), null, Cancellation));
    }

    /// <summary>Does what was planned, under a lock of its own.</summary>
    public static Task<PruneResult> ExecuteAsync(Repository repository, PrunePlan plan, FakeTimeProvider clock) => BackupWorld.HurryAsync(
        clock,
        BackupWorld.Terms(clock).HoldAsync(
            repository,
            isExclusive: true,
            async (held, stop) =>
            {
                await held.Confirmed;
                return await PruneRun.ExecuteAsync(repository, plan, held, clock, null, stop);
            },
            Cancellation));

    /// <summary>Forgets a snapshot, as if it had never been.</summary>
    public static void Forget(IDurableFolder folder, FileId? snapshot) => folder.Delete($"snapshots/{snapshot}");

    /// <summary>The same files elsewhere, all of them durable.</summary>
    public static MemoryFolder Copy(MemoryFolder folder)
    {
        var copy = RepositoryWorld.NewFolder();
        foreach (string path in folder.Files(""))
            copy.Write(path, folder.Read(path));
        copy.Volume.PowerCut(PowerCutChoice.KeepAll);
        return copy;
    }

    /// <summary>The real restic reads everything.</summary>
    public static async Task AssertResticFindsNoFaultAsync(IDurableFolder folder, string? password = null)
    {
        Needs.Tool("restic");
        using var temp = new TempFolder(inMemory: true);
        foreach (string path in folder.Files(""))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(temp[path])!);   // every file is in a folder
            File.WriteAllBytes(temp[path], folder.Read(path));
        }

        await new ResticProgram(temp.Path, password ?? System.Text.Encoding.ASCII.GetString(RepositoryWorld.Password.Span)).RunAsync("check", "--read-data");
    }
}
