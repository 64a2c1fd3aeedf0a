namespace DocIngest.Benchmarks.Measuring;

/// <summary>A folder for one run, under <c>artifacts/bench</c> unless <c>--folder</c> says otherwise: on a real disk. Removed at the end.</summary>
internal sealed class WorkFolder : IDisposable
{
    public WorkFolder(string[] args, string command)
    {
        Path = System.IO.Path.GetFullPath(System.IO.Path.Combine(Arguments.Text(args, "--folder", System.IO.Path.Combine("artifacts", "bench")), command));
        Remove(Path);
        Directory.CreateDirectory(Path);
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Removes what an earlier run left there.</summary>
    public string Fresh(string name)
    {
        Remove(this[name]);
        return this[name];
    }

    public void Dispose() => Remove(Path);

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
