using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DocIngest.Backup;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Benchmarks.Measuring;
using DocIngest.Storage;

namespace DocIngest.Benchmarks.Backup;

/// <summary>How much memory do backup, check and prune take on a repository of five million blobs?</summary>
internal static class BackupMemoryBenchmark
{
    private const int BlobsAPack = 10_000;
    private const int BlobsAnIndex = 50_000;
    private const int SealedBytes = 1000;
    private const int PlaintextBytes = 2000;
    private const int EntryBytes = 41;   // of a compressed blob in a pack's header
    private const int HeaderBytes = 36;   // besides the entries
    private const long BarBytes = 1_000_000_000;

    public static async Task<int> RunAsync(string[] args)
    {
        int blobs = Arguments.Number(args, "--blobs", 5_000_000);
        string resticProgram = Arguments.Text(args, "--restic", "restic");
        using var work = new WorkFolder(args, "backup-memory");
        var report = new Report("Memory on a repository of many blobs", "backup-memory", args, work.Path);
        string password = await EmptyRepository.CreateAsync(work, resticProgram);
        var ours = Contender.Ours(work["data"], password);
        var restic = Contender.Restic(resticProgram, password);
        string repository = work[EmptyRepository.Name];
        string source = Directory.CreateDirectory(work["source"]).FullName;
        await File.WriteAllTextAsync(Path.Combine(source, "a"), "content");

        await ours.RunAsync("run", source, "--repo", repository);
        await FillAsync(repository, Encoding.UTF8.GetBytes((await File.ReadAllTextAsync(password)).Trim()), blobs);

        report.Line($"A repository of one small backup, and index files of {blobs:N0} further blobs whose packs are files of nothing but holes, of the right size. Peak of the proportional set size, every 100 ms.").Line();
        report.Table("what", "docingest, s", "MB", "restic, s", "MB", "bar, MB", "");
        await CompareAsync("backup of one file", ["run", source], ["backup", source]);
        await CompareAsync("check", ["check"], ["check"]);
        await CompareAsync("prune --dry-run", ["prune", "--dry-run"], ["prune", "--dry-run"]);
        return report.Print();

        async Task CompareAsync(string name, string[] oursArguments, string[] resticArguments)
        {
            var our = await ours.RunAsync([.. oursArguments, "--repo", repository]);
            var theirs = await restic.RunAsync([.. resticArguments, "--repo", repository]);
            report.Row(
                $"{name}", $"{our.Wall.TotalSeconds:N1}", $"{our.PeakPssBytes / 1e6:N0}", $"{theirs.Wall.TotalSeconds:N1}", $"{theirs.PeakPssBytes / 1e6:N0}",
                $"<= {BarBytes / 1e6:N0}", $"{report.Judge(our.PeakPssBytes <= BarBytes)}");
        }
    }

    private static async Task FillAsync(string path, byte[] password, int blobs)
    {
        using var volumes = new LocalVolumes();
        using var repository = await Repository.OpenAsync(new FolderStore(volumes.Open(path)), password, CancellationToken.None);
        int left = blobs;
        while (left > 0)
        {
            var index = new StringBuilder("""{"packs":[""");
            for (int inIndex = 0; inIndex < BlobsAnIndex && left > 0; inIndex += BlobsAPack, left -= BlobsAPack)
                AppendPack(index.Append(inIndex == 0 ? "" : ","), path);
            await repository.SaveUnpackedAsync(FileKind.Index, Encoding.ASCII.GetBytes(index.Append("]}").ToString()), CancellationToken.None);
        }
    }

    private static void AppendPack(StringBuilder index, string repository)
    {
        string pack = RandomNumberGenerator.GetHexString(64, lowercase: true);
        string folder = Directory.CreateDirectory(Path.Combine(repository, "data", pack[..2])).FullName;
        using (var file = File.Create(Path.Combine(folder, pack)))
            file.SetLength(HeaderBytes + (BlobsAPack * (SealedBytes + EntryBytes)));
        index.Append(CultureInfo.InvariantCulture, $$"""{"id":"{{pack}}","blobs":[""");
        for (int blob = 0; blob < BlobsAPack; blob++)
        {
            index.Append(blob == 0 ? "" : ",").Append(
                CultureInfo.InvariantCulture,
                $$"""{"id":"{{RandomNumberGenerator.GetHexString(64, lowercase: true)}}","type":"data","offset":{{blob * SealedBytes}},"length":{{SealedBytes}},"uncompressed_length":{{PlaintextBytes}}}""");
        }

        index.Append("]}");
    }
}
