using DocIngest.Backup.Sources.Linux;
using DocIngest.Backup.Trees;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Restores.Linux;

/// <summary>An open regular file.</summary>
/// <param name="file">Taken over.</param>
/// <param name="volume">Where it lies.</param>
internal sealed class LinuxTargetFile(SafeFileHandle file, LinuxVolume volume) : TargetFile
{
    private const string Operation = "look at a file";

    internal override TargetIdentity Identity => LinuxTargetFolder.IdentityOf(Stat());

    public override void Dispose() => file.Dispose();

    internal override int Read(Span<byte> destination, long offset)
    {
        int done = 0;
        while (done < destination.Length)
        {
            nint read = WriteCalls.Read(file, destination[done..], (nuint)(destination.Length - done), offset + done);
            if (read == 0)
                break;
            if (read > 0)
                done += (int)read;
            else if (TargetError.Last != TargetError.EINTR)
                throw TargetError.From(TargetError.Last, "read the file that stands there");
        }

        return done;
    }

    internal override void Write(ReadOnlySpan<byte> content, long offset)
    {
        while (!content.IsEmpty)
        {
            nint written = WriteCalls.Write(file, content, (nuint)content.Length, offset);
            if (written < 0 && TargetError.Last != TargetError.EINTR)
                throw TargetError.From(TargetError.Last, "write a file");
            content = content[(int)Math.Max(written, 0)..];
            offset += Math.Max(written, 0);
        }
    }

    internal override void SetSize(long sizeBytes)
    {
        if (WriteCalls.Truncate(file, sizeBytes) != 0)
            throw TargetError.From(TargetError.Last, "set the size of a file");
    }

    internal override bool IsDescribed(Node node) => new MetadataWriter(file).IsWritten(Stat(), node);

    internal override MetadataOutcome Describe(Node node)
    {
        var outcome = new MetadataWriter(file).Write(Stat(), node);
        if (volume.FlushesEach && WriteCalls.Sync(file) != 0)
            throw LinuxVolumes.Failure("flush a file");
        return outcome;
    }

    private StatX Stat() =>
        LibC.StatX(file, "\0"u8, LibC.EmptyPathAt, StatX.Basic, out var found) == 0 ? found : throw TargetError.From(TargetError.Last, Operation);
}
