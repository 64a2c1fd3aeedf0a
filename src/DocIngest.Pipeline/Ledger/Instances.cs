using DocIngest.Storage;

namespace DocIngest.Pipeline.Ledger;

/// <summary>
/// Tells which processes that opened ledger rows still live: each holds an OS lock on a file of its own, which the system
/// releases however the process ends. Its name is random and never used again, so the file goes with the lock.
/// </summary>
public sealed class Instances : IDisposable
{
    private const string FilePrefix = "instance-";

    private readonly IDurableFolder _data;
    private readonly INamedLocks _locks;
    private readonly IDisposable _own;

    private Instances(IDurableFolder data, INamedLocks locks, string name, IDisposable own)
    {
        _data = data;
        _locks = locks;
        _own = own;
        Name = name;
    }

    /// <summary>The name of this process in the ledger.</summary>
    public string Name { get; }

    /// <summary>Enters this process.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="locks">The locks in its <c>locks/</c>.</param>
    public static Instances Enter(IDurableFolder data, INamedLocks locks)
    {
        data.CreateFolder(DataFolder.Locks);
        while (true)
        {
            string name = Guid.NewGuid().ToString("N");
            if (locks.TryAcquireTemporary(FilePrefix + name) is { } own)
            {
                return new Instances(data, locks, name, own);
            }

            // A sweep took the new file for that of a dead process before we held it: another name.
        }
    }

    /// <summary>Runs <paramref name="takeUp"/> for an instance that is dead, while no other process can do the same.</summary>
    /// <returns>False where it lives, or another process takes it up just now.</returns>
    public async Task<bool> TryTakeUpAsync(string instance, Func<Task> takeUp)
    {
        if (instance == Name)
        {
            return false;
        }

        using var lockOfDead = _locks.TryAcquireTemporary(FilePrefix + instance);
        if (lockOfDead is null)
        {
            return false;
        }

        await takeUp();
        return true;
    }

    /// <summary>Removes lock files of dead instances that left nothing behind.</summary>
    public void Sweep(IReadOnlySet<string> owners)
    {
        foreach (var entry in _data.List(DataFolder.Locks).ToList())
        {
            if (entry.Name.StartsWith(FilePrefix, StringComparison.Ordinal)
                && entry.Name[FilePrefix.Length..] is var instance
                && instance != Name
                && !owners.Contains(instance))
            {
                _locks.TryAcquireTemporary(entry.Name)?.Dispose();
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _own.Dispose();
}
