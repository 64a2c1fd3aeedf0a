using DocIngest.Benchmarks.Measuring;

namespace DocIngest.Benchmarks.Backup;

/// <summary>The empty repository that all others are copies of: both programs derive the same key from the same file.</summary>
/// <remarks>Made by restic, with one key file of ours: that of a generated password, which costs no more to derive than it must.</remarks>
internal static class EmptyRepository
{
    public const string Name = "empty";

    /// <returns>The file that holds the password.</returns>
    public static async Task<string> CreateAsync(WorkFolder work, string resticProgram)
    {
        ProcessTree.AdoptOrphans();
        string data = Directory.CreateDirectory(work["data"]).FullName;
        string first = work["first-password"];
        string generated = work["password"];
        string repository = work[Name];
        await File.WriteAllTextAsync(first, "correct horse battery staple");
        await Contender.Restic(resticProgram, first).RunAsync("init", "--repo", repository);
        string firstKey = Path.GetFileName(Directory.GetFiles(Path.Combine(repository, "keys")).Single());
        await Contender.Ours(data, first).RunAsync("key", "add", "--generate", generated, "--repo", repository);
        await Contender.Ours(data, generated).RunAsync("key", "remove", firstKey, "--repo", repository);
        return generated;
    }
}
