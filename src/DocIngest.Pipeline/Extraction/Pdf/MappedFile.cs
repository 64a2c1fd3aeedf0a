using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace DocIngest.Pipeline.Extraction.Pdf;

/// <summary>A file as memory, read by the system as it is touched: a scan of 500 MB does not fill a heap of 768.</summary>
/// <remarks>The file must not shrink meanwhile: it is a private copy.</remarks>
internal sealed unsafe class MappedFile : MemoryManager<byte>
{
    /// <summary>What one <see cref="Memory{T}"/> can span.</summary>
    public const long MaxBytes = int.MaxValue;

    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly int _length;
    private byte* _start;

    private MappedFile(FileStream file)
    {
        _length = (int)file.Length;
        if (_length == 0)
        {
            return;   // nothing cannot be mapped
        }

        _file = MemoryMappedFile.CreateFromFile(
            file, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, _length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
    }

    /// <summary>Maps a file, which stays the caller's.</summary>
    public static MappedFile Map(FileStream file) => new(file);

    /// <inheritdoc />
    public override Span<byte> GetSpan() => new(_start, _length);

    /// <inheritdoc />
    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

    /// <inheritdoc />
    public override void Unpin()
    {
        // Mapped memory does not move.
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (_start is not null)
        {
            _start = null;
            _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        }

        _view?.Dispose();
        _file?.Dispose();
    }
}
