using DocIngest.Backup.Trees;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Restores.Windows;

/// <summary>An open regular file. Compiles everywhere; checked by reading only.</summary>
/// <param name="file">Taken over.</param>
internal sealed class WindowsTargetFile(SafeFileHandle file) : TargetFile
{
    internal override TargetIdentity Identity => IdentityOf(file);

    public override void Dispose() => file.Dispose();

    internal static TargetIdentity IdentityOf(SafeFileHandle entry) =>
        TargetCalls.GetIdInfo(entry, TargetCalls.IdInfoClass, out var id, 24)
            ? new TargetIdentity(id.VolumeSerial, id.FileIdLow)
            : throw WindowsTargetError.From(WindowsTargetError.Last, "look at a file");

    internal override int Read(Span<byte> destination, long offset)
    {
        int done = 0;
        try
        {
            while (done < destination.Length && RandomAccess.Read(file, destination[done..], offset + done) is var read and > 0)
                done += read;
            return done;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw WindowsTargetError.From(WindowsTargetError.CodeOf(error), "read the file that stands there");
        }
    }

    internal override void Write(ReadOnlySpan<byte> content, long offset)
    {
        try
        {
            RandomAccess.Write(file, content, offset);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw WindowsTargetError.From(WindowsTargetError.CodeOf(error), "write a file");
        }
    }

    internal override void SetSize(long sizeBytes) => WindowsTargetError.Guarded("set the size of a file", () =>
    {
        RandomAccess.SetLength(file, sizeBytes);
        return true;
    });

    internal override bool IsDescribed(Node node) => WindowsMetadata.IsWritten(file, node);

    internal override MetadataOutcome Describe(Node node) => WindowsTargetError.Guarded("flush a file", () =>
    {
        var outcome = WindowsMetadata.Write(file, node);
        RandomAccess.FlushToDisk(file);
        return outcome;
    });
}
