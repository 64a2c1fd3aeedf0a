using System.IO.Compression;
using DocIngest.Storage;

namespace DocIngest.Assurance.Reports;

/// <summary>Reads the zip of a report that may come from a stranger: nothing is unpacked to a disk, and nothing is read beyond its limit.</summary>
internal sealed class ReportZipReader : IDisposable
{
    private const long LargestItemsBytes = 4L * 1024 * 1024 * 1024;
    private const int LargestFileBytes = 16 * 1024 * 1024;

    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries;

    private ReportZipReader(ZipArchive zip)
    {
        _zip = zip;
        Names = [.. zip.Entries.Select(entry => entry.FullName)];
        _entries = zip.Entries.DistinctBy(entry => entry.FullName, StringComparer.Ordinal).ToDictionary(entry => entry.FullName, StringComparer.Ordinal);
    }

    /// <summary>Names of its files, as often as they occur.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Opens one; null where it is no zip.</summary>
    public static ReportZipReader? Open(Stream file)
    {
        try
        {
            return new ReportZipReader(new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true));
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    public bool Has(string name) => _entries.ContainsKey(name);

    /// <summary>A small file whole; null where there is none, or it is too large or damaged.</summary>
    public byte[]? Read(string name)
    {
        try
        {
            using var content = OpenWithin(name, LargestFileBytes);
            if (content is null)
            {
                return null;
            }

            using var bytes = new MemoryStream();
            content.CopyTo(bytes);
            return bytes.ToArray();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>A list; null where there is none.</summary>
    /// <remarks>Reading throws <see cref="InvalidDataException"/> where it is damaged or too large.</remarks>
    public Stream? OpenList(string name) => OpenWithin(name, LargestItemsBytes);

    public void Dispose() => _zip.Dispose();

    private LimitedStream? OpenWithin(string name, long limit) => _entries.TryGetValue(name, out var entry) ? new LimitedStream(entry.Open(), limit) : null;

    // What the zip says of its own lengths is not believed.
    private sealed class LimitedStream(Stream inner, long limit) : ReadOnlyStream
    {
        private long _read;

        public override int Read(Span<byte> buffer)
        {
            int count = inner.Read(buffer);
            _read += count;
            return _read <= limit ? count : throw new InvalidDataException("A file of the report is larger than any report's.");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
