namespace DocIngest.Benchmarks.Measuring;

/// <summary>A folder for one run, under <c>artifacts/bench</c> unless <c>--folder</c> says otherwise: on a real disk. Removed at the end, unless <c>--keep</c>.</summary>
/// <remarks>
/// Nothing is removed before: ext4 without a journal looks for minutes at every inode that was freed before it takes a new
/// one, which cost a run behind a large removal up to a quarter of its processor time. For the same reason a benchmark should
/// not follow another within five minutes, unless that one ran with <c>--keep</c>.
/// </remarks>
internal sealed class WorkFolder : IDisposable
{
    private readonly bool _keeps;
    private int _number;

    public WorkFolder(string[] args, string command)
    {
        _keeps = args.Contains("--keep");
        string parent = System.IO.Path.GetFullPath(Arguments.Text(args, "--folder", System.IO.Path.Combine("artifacts", "bench")));
        Path = Directory.CreateDirectory(System.IO.Path.Combine(parent, $"{command}-{Guid.NewGuid():N}")).FullName;
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>A path where nothing is yet.</summary>
    public string Fresh(string name) => this[$"{name}-{++_number}"];

    public void Dispose()
    {
        if (!_keeps)
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
