namespace DocIngest.Storage;

/// <summary>Appends to a file of a memory volume. Counts as a writer until disposed.</summary>
internal sealed class MemoryWriteStream : WriteOnlyStream
{
    private readonly MemoryVolume _volume;
    private readonly Inode _file;
    private readonly long _generation;
    private bool _closed;

    /// <summary>To be made under the volume's gate.</summary>
    internal MemoryWriteStream(MemoryVolume volume, Inode file)
    {
        (_volume, _file, _generation) = (volume, file, volume.Generation);
        file.Writers++;
    }

    public override bool CanWrite => !_closed;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_volume.Gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_generation != _volume.Generation)
                throw new PowerCutException();
            _volume.CheckWritable();

            // A full disk takes what fits, as a real one does.
            int fits = (int)Math.Min(_volume.FreeBytes(), buffer.Length);
            if (fits > 0)
                _volume.Change(new MemoryChange.Written(_file.Number, _file.Content.Length, buffer[..fits].ToArray(), _volume.Now()));
            if (fits < buffer.Length)
                throw new StorageFullException("The memory volume is full.");
        }
    }

    protected override void Dispose(bool disposing)
    {
        lock (_volume.Gate)
        {
            if (!_closed)
                _file.Writers--;
            _closed = true;
        }

        base.Dispose(disposing);
    }
}
