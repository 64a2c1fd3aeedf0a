using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static DocIngest.Storage.Linux.LibC;

namespace DocIngest.Storage.Linux;

/// <summary>Writing past the page cache, O_DIRECT of open(2): what nobody reads soon displaces nothing there, and costs no memory of the kernel.</summary>
/// <remarks>Memory, offsets and lengths must be multiples of a block. Memory is copied to a piece that is; what is left at the end is the caller's.</remarks>
internal static class DirectWrite
{
    /// <summary>Of every disk and file system in use; a smaller one divides it.</summary>
    private const int BlockBytes = 4096;

    private const int PieceBytes = 1024 * 1024;

    internal static unsafe int Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        int flags = Control(file, GetFlags, 0);
        if (Direct == 0 || offset % BlockBytes != 0 || flags < 0)
            return 0;
        byte* piece = (byte*)NativeMemory.AlignedAlloc(PieceBytes, BlockBytes);
        try
        {
            if (Control(file, SetFlags, flags | Direct) != 0)
                return 0;   // this file system cannot
            int written = 0;
            while (bytes.Length - written >= BlockBytes)
            {
                int length = Math.Min(bytes.Length - written, PieceBytes) / BlockBytes * BlockBytes;
                bytes.Slice(written, length).CopyTo(new Span<byte>(piece, length));
                nint took = WriteAt(file, piece, (nuint)length, offset + written);
                if (took < 0 && LinuxError.Last == Errno.EINTR)
                    continue;
                written += (int)Math.Max(took, 0);
                if (took != length)
                    break;   // larger blocks than ours, no memory to pin, a full disk: writing as always tells, or does it
            }

            return written;
        }
        finally
        {
            _ = Control(file, SetFlags, flags);
            NativeMemory.AlignedFree(piece);
        }
    }
}
