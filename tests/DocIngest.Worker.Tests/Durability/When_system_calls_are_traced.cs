using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.Durability;

/// <summary>
/// Delete last (I1), read from the system calls themselves: when a scanner's file is deleted, everything that stands for it has
/// been flushed, in the right order, and no flush has failed.
/// </summary>
public sealed class When_system_calls_are_traced(ITestOutputHelper output)
{
    private const string Traced =
        "trace=open,openat,openat2,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,fsync,fdatasync,syncfs,"
        + "write,pwrite64,writev,pwritev,pwritev2,ftruncate,fallocate,copy_file_range,sendfile,link,linkat";

    [Theory]
    [InlineData("group", "syncfs")]
    [InlineData("file", "fsync")]
    public async Task No_source_is_deleted_before_its_record_and_the_catalog_are_flushed(string durability, string flushedBy)
    {
        Needs.Linux();
        Needs.Tool("strace");
        using var site = new IntakeSite();
        site.Config["storage"] = new JsonObject { ["durability"] = durability };
        site.Profile["documentKeyPattern"] = "^(?<key>K[0-9]+)_";
        PutFiles(site);

        string trace = Path.Combine(site.Root, "trace");
        using var strace = TheProgram.StartAny("strace", [
            "-f", "-y", "-s", "4200", "-e", Traced, "-e", "signal=none", "-o", trace,
            TheProgram.Executable, .. site.Arguments("ingest", site.Drop, "--move", "--json")]);
        var ended = (await strace.EndAsync()).Demand(3);

        var calls = SystemCall.Read(File.ReadLines(trace)).FindAll(call => call.Arguments.Contains(site.Root, StringComparison.Ordinal));
        Assert.Contains(calls, call => call.Name == flushedBy && call.OpenFile.StartsWith(site.Root, StringComparison.Ordinal) && !IsLedger(site, call.OpenFile));
        Assert.DoesNotContain(calls, call => call.Name is "fsync" or "fdatasync" or "syncfs" && !call.Succeeded);
        Assert.DoesNotContain(calls, call => call.Name is "link" or "linkat" or "sendfile" && call.Succeeded);   // the model knows nothing of them

        var proof = new Proof(site, Json.Lines(ended));
        foreach (var call in calls)
        {
            proof.Follow(call);
        }

        Assert.Equal(10, proof.Removals);
        Assert.Empty(site.Dropped());
        output.WriteLine($"{durability}: {calls.Count} calls, {proof.Removals} removals proven.");
        await site.DemandInOrderAsync(10);
    }

    private static void PutFiles(IntakeSite site)
    {
        for (int number = 0; number < 5; number++)
        {
            site.Put($"a{number}.pdf", A.Pdf().WithTextLayer($"report {number}").ToBytes());
        }

        site.Put("b-same-as-a0.pdf", A.Pdf().WithTextLayer("report 0").ToBytes());
        site.Put("c.tif", A.Tiff().Pages(2).ToBytes());
        site.Put("K1_first.pdf", A.Pdf().WithTextLayer("first scan").ToBytes());
        site.Put("K1_second.pdf", A.Pdf().WithTextLayer("second scan").ToBytes());
        site.Put("list.txt", Encoding.UTF8.GetBytes("eggs, milk\n"));
    }

    private static bool IsLedger(IntakeSite site, string path) => path.StartsWith($"{site.Data}/catalog/", StringComparison.Ordinal);

    /// <summary>Follows a trace and fails at the first call that comes too early.</summary>
    private sealed class Proof(IntakeSite site, List<JsonElement> reports)
    {
        private readonly Unflushed _unflushed = new();
        private readonly Dictionary<string, string> _sourceOfAside = [];
        private readonly Dictionary<string, CatalogState> _catalogOf = [];   // by record id as the catalog writes it

        private string Wal => $"{site.Data}/catalog/docingest.db-wal";

        public int Removals { get; private set; }

        public void Follow(SystemCall call)
        {
            if (call.Succeeded && call.Name.StartsWith("rename", StringComparison.Ordinal))
            {
                DemandWholeBeforeItIsPlaced(call);
                _sourceOfAside[call.Paths[1]] = call.Paths[0];
            }

            if (call.Succeeded && call.Name.StartsWith("unlink", StringComparison.Ordinal) && call.Paths[0] is var path && path.StartsWith(site.Drop + "/", StringComparison.Ordinal))
            {
                DemandSafe(path, call);
                Removals++;
            }

            FollowCatalog(call);
            _unflushed.Follow(call);
        }

        // What is renamed into the archive is whole on the disk before.
        private void DemandWholeBeforeItIsPlaced(SystemCall rename)
        {
            if (rename.Paths[0].StartsWith($"{site.Data}/staging/", StringComparison.Ordinal)
                && rename.Paths[1].StartsWith($"{site.Data}/archive/", StringComparison.Ordinal)
                && _unflushed.Below(rename.Paths[0]) is { Count: > 0 } torn)
            {
                Assert.Fail($"{rename.Paths[1]} was placed before a flush of {string.Join(", ", torn)} (line {rename.Start})");
            }
        }

        private void DemandSafe(string aside, SystemCall unlink)
        {
            var report = reports.Single(line => line.Text("file") == _sourceOfAside[aside]);
            string scan = Path.GetFileName(aside)[".docingest-".Length..^".removing".Length];
            if (report.Text("outcome") == "quarantined")
            {
                DemandFlushed($"{site.Data}/quarantine/{scan}", site.Data, unlink);
                return;
            }

            string record = report.Text("id");
            string version = report.Text("version");

            // While the first scan's source goes, the second of its document may just be placed: a power cut leaves either root then, and v1 in both.
            bool hasLater = reports.Exists(line => line.Text("id") == record && string.CompareOrdinal(line.Text("version"), version) > 0);
            DemandFlushed(hasLater ? $"{ObjectRoot(record)}/{version}" : ObjectRoot(record), $"{site.Data}/archive", unlink);
            if (report.Text("outcome") == "filed")
            {
                var catalog = _catalogOf.GetValueOrDefault(record, CatalogState.Unknown);
                Assert.True(catalog == CatalogState.Flushed, $"{report}: the catalog entry was {catalog} when the source was deleted (line {unlink.Start})");
            }
        }

        private void DemandFlushed(string place, string upTo, SystemCall unlink)
        {
            Assert.True(Directory.Exists(place), $"{place} is not there");
            Assert.True(_unflushed.Below(place) is [], $"unflushed when the source was deleted (line {unlink.Start}): {string.Join(", ", _unflushed.Below(place))}");
            for (string folder = Unflushed.FolderOf(place); folder.Length > upTo.Length; folder = Unflushed.FolderOf(folder))
            {
                Assert.False(_unflushed.IsNameUnflushed(folder), $"the folder {folder} was not flushed when the source was deleted (line {unlink.Start})");
            }
        }

        // The record's id enters the write-ahead log in the transaction that closes its claim, and then that log is flushed.
        private void FollowCatalog(SystemCall call)
        {
            if (!call.Succeeded || call.OpenFile != Wal)
            {
                return;
            }

            if (call.Name == "pwrite64")
            {
                foreach (string record in reports.Select(report => report.GetProperty("id").GetString() ?? "").Distinct())
                {
                    if (!_catalogOf.ContainsKey(record) && call.Arguments.Contains(record, StringComparison.Ordinal))
                    {
                        DemandArchivedBeforeTheCatalogSaysSo(record, call);
                        _catalogOf[record] = CatalogState.Written;
                    }
                }
            }
            else if (call.Name is "fsync" or "fdatasync")
            {
                foreach (string record in _catalogOf.Keys.ToList())
                {
                    _catalogOf[record] = CatalogState.Flushed;   // the trace has no two calls on the log at once: one writer
                }
            }
        }

        private void DemandArchivedBeforeTheCatalogSaysSo(string record, SystemCall write)
        {
            if (record.StartsWith("urn:", StringComparison.Ordinal) && Directory.Exists(ObjectRoot(record)))
            {
                Assert.True(_unflushed.Below(ObjectRoot(record)) is [], $"{record}: in the catalog before its object was flushed (line {write.Start})");
            }
        }

        // Extension 0004-hashed-n-tuple-storage-layout with its defaults.
        private string ObjectRoot(string record)
        {
            string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(record)));
            return $"{site.Data}/archive/{digest[..3]}/{digest[3..6]}/{digest[6..9]}/{digest}";
        }
    }

    private enum CatalogState
    {
        Unknown,
        Written,
        Flushed,
    }
}
