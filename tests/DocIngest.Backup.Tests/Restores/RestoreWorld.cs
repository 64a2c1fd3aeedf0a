using System.Diagnostics;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Restores;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests.Restores;

/// <summary>A target on a file system in memory, and what is in it.</summary>
internal sealed class RestoreWorld : IDisposable
{
    private readonly TempFolder _temp = new(inMemory: true);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The target; not there at first.</summary>
    public string Target => _temp["target"];

    /// <summary>Something beside the target.</summary>
    public string Beside(string relative) => _temp[relative];

    public string this[string relative] => Path.Combine(Target, relative);

    public void Dispose() => _temp.Dispose();

    public Task<RestoreResult> RestoreAsync(Repository repository, FileId snapshot, RestoreOptions? options = null) =>
        new RestoreRun(repository, options ?? new RestoreOptions(), null).RunAsync(snapshot, Target, null, Cancellation);

    /// <summary>Everything below a folder: path, kind, mode, owner, times of nanoseconds, size, link target, number of names, content, attributes.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="isBelow">Whether the folder itself is left out.</param>
    public static string Manifest(string root, bool isBelow = true) => Run(
        root, "python3",
        $$"""
        import hashlib, os, stat
        for at, dirs, files in os.walk(b'.', followlinks=False):
            dirs.sort()
            for name in sorted(dirs + files) + ([b'.'] if at == b'.' and not {{(isBelow ? "True" : "False")}} else []):
                path = os.path.join(at, name)
                s = os.lstat(path)
                kind = stat.S_IFMT(s.st_mode)
                said = [repr(path), oct(s.st_mode), s.st_uid, s.st_gid, s.st_mtime_ns]
                if kind == stat.S_IFREG:
                    said += [s.st_size, s.st_nlink, hashlib.sha256(open(path, 'rb').read()).hexdigest()]
                if kind == stat.S_IFLNK:
                    said += [repr(os.readlink(path))]
                if kind in (stat.S_IFBLK, stat.S_IFCHR):
                    said += [s.st_rdev]
                if kind in (stat.S_IFREG, stat.S_IFDIR):
                    said += [sorted((a, os.getxattr(path, a)) for a in os.listxattr(path))]
                print(*said)
        """);

    /// <summary>Runs a command in a folder; what it prints.</summary>
    public static string Shell(string root, string command) => Run(root, "bash", command);

    private static string Run(string root, string interpreter, string program)
    {
        Needs.Tool(interpreter);
        var start = new ProcessStartInfo(interpreter, ["-c", program]) { WorkingDirectory = root, RedirectStandardOutput = true, UseShellExecute = false };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{interpreter} does not start.");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    /// <summary>The paths of all entries in the target, in order.</summary>
    public IEnumerable<string> Entries() =>
        Directory.Exists(Target)
            ? Directory.EnumerateFileSystemEntries(Target, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Target, path)).Order(StringComparer.Ordinal).ToList()
            : [];

    /// <summary>The problems as "path kind", in order of paths.</summary>
    public static IEnumerable<string> Problems(RestoreResult result)
    {
        Assert.Equal(result.ProblemCount, result.Problems.Count);
        Assert.Equal(result.Problems.CountBy(problem => problem.Kind).ToDictionary(), result.ProblemCounts.ToDictionary(count => count.Key, count => (int)count.Value));
        Assert.All(new[] { result.Files, result.Directories, result.Links, result.Specials }, counts => Assert.True(counts.AddUp));
        Assert.Equal(result.ProblemCount > 0, result.Verdict is RestoreVerdict.Partial);
        return result.Problems.Select(problem => $"{problem.Path} {problem.Kind}").Order(StringComparer.Ordinal);
    }
}
