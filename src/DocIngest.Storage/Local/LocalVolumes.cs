using Microsoft.Win32.SafeHandles;

namespace DocIngest.Storage;

/// <summary>
/// The file systems this process writes to, one flusher each. Hands out folders; folders on the same file system share its flushes.
/// </summary>
/// <remarks>The host owns one and disposes it last: disposing finishes the running flush and fails later ones.</remarks>
public sealed class LocalVolumes : IDisposable
{
    private readonly Durability _durability;
    private readonly TimeProvider _time;
    private readonly LocalSystem _system = LocalSystem.OfThisMachine;
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly Dictionary<VolumeId, LocalVolume> _volumes = [];
    private bool _disposed;

    /// <param name="durability">For all folders handed out.</param>
    /// <param name="time">The clock. Default: the system's.</param>
    /// <exception cref="PlatformNotSupportedException"><see cref="Durability.Group"/> on a system that cannot flush a whole volume.</exception>
    public LocalVolumes(Durability durability = Durability.Auto, TimeProvider? time = null)
    {
        if (durability is Durability.Group && !_system.CanGroup)
            throw new PlatformNotSupportedException("This system has no flush for a whole volume: use durability 'file' or 'auto'.");
        _durability = durability;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>A folder on a local or mounted file system. It need not exist yet: members say so when they are called.</summary>
    /// <param name="absolutePath">May be, or lead over, symbolic links: the admin made them.</param>
    /// <param name="permissions">Of what is made in it.</param>
    public IDurableFolder Open(string absolutePath, EntryPermissions permissions = EntryPermissions.Default)
    {
        if (!Path.IsPathFullyQualified(absolutePath))
            throw new ArgumentException("The path of a folder must be absolute.", nameof(absolutePath));
        return new LocalFolder(_system, this, absolutePath, permissions);
    }

    /// <summary>As <see cref="Open"/>, and creates the folder and its missing parents. A flush of the returned folder makes them durable.</summary>
    /// <exception cref="StorageUnavailableException">It cannot be created.</exception>
    /// <exception cref="NameTakenException">The path, or a part of it, is no folder.</exception>
    public IDurableFolder OpenOrCreate(string absolutePath, EntryPermissions permissions = EntryPermissions.Default)
    {
        var folder = Open(absolutePath, permissions);
        string existing = Path.TrimEndingDirectorySeparator(Path.GetFullPath(absolutePath));
        var missing = new Stack<string>();
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
        {
            missing.Push(Path.GetFileName(existing));
            existing = parent;
        }

        if (missing.Count > 0)
            Open(existing, permissions).CreateFolder(string.Join('/', missing));
        return folder;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (var volume in _volumes.Values)
                volume.Dispose();
            _volumes.Clear();
        }
    }

    /// <summary>The volume a folder is on, known from now on: errors from here on reach its flusher.</summary>
    /// <param name="folder">An open folder on it; copied where the volume needs one of its own.</param>
    internal LocalVolume Of(VolumeId id, SafeFileHandle folder, string displayName)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_volumes.TryGetValue(id, out var volume))
                _volumes.Add(id, volume = CreateVolume(id, folder, displayName));
            return volume;
        }
    }

    private LocalVolume CreateVolume(VolumeId id, SafeFileHandle folder, string displayName)
    {
        bool group = _durability switch
        {
            Durability.Auto => _system.MayGroup(folder),
            Durability.Group => true,
            _ => false,
        };
        IVolumeSync sync = group
            ? new GroupSync(_system.Duplicate(folder), _system.FlushVolume)
            : new FileSync(_system.Duplicate(folder), _system.FlushVolume, _system.FlushToDisk, _time);
        return new LocalVolume(id, sync, new VolumeFlusher(sync.Sync, displayName));
    }
}

/// <summary>Names a mounted file system while it is mounted.</summary>
internal readonly record struct VolumeId(ulong Number);

/// <summary>One file system: what carries its changes to the disk, and who calls for it.</summary>
internal sealed record LocalVolume(VolumeId Id, IVolumeSync Sync, VolumeFlusher Flusher) : IDisposable
{
    public void Dispose()
    {
        // The flusher first: its last round still uses what the other holds open.
        Flusher.Dispose();
        Sync.Dispose();
    }
}
