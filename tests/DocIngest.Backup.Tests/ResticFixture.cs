using System.Formats.Tar;
using System.IO.Compression;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests;

/// <summary>A repository that restic made, unpacked into memory.</summary>
internal static class ResticFixture
{
    public const string Made2 = "restic-0.14.0-made-v2";

    public static ReadOnlyMemory<byte> Password { get; } = "geheim"u8.ToArray();

    /// <summary>All that are whole enough to be opened, whatever else is wrong with them.</summary>
    public static TheoryData<string> All =>
    [
        Made2, "copy-unstable-json", "duplicate-packs-in-index-test-repo", "repo-data-missing", "repo-duplicates", "repo-index-missing-blob",
        "repo-index-missing", "repo-layout-default", "repo-mixed", "repo-obsolete-index", "repo-restore-permissions-test",
        "repo-same-timestamps", "repo-unreferenced-data", "repo-unused-data-missing", "small-repo",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static FolderStore Store(string name) => new(Folder(name));

    public static async Task<Repository> OpenAsync(string name) => await Repository.OpenAsync(Store(name), Password, Cancellation);

    /// <summary>The folder of a fixture's repository, to be damaged at will.</summary>
    public static MemoryFolder Folder(string name)
    {
        using var packed = new GZipStream(File.OpenRead(Path.Combine(Corpora.Folder("restic"), $"{name}.tar.gz")), CompressionMode.Decompress);
        using var tar = new TarReader(packed);
        var folder = new MemoryVolume().FolderAt("");
        while (tar.GetNextEntry() is { } entry)
        {
            string path = entry.Name.TrimEnd('/');
            if (entry.EntryType is TarEntryType.Directory)
                folder.CreateFolder(path);
            else
                folder.Write(path, entry.DataStream ?? Stream.Null);
        }

        return folder.Volume.FolderAt("repo");
    }

    /// <summary>A file of the corpus that is no archive.</summary>
    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(Corpora.Folder("restic"), name));
}
