using System.Buffers.Binary;
using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Tests.Catalog;

/// <summary>Builds catalog entries; state only what matters.</summary>
internal static class A
{
    public static readonly DateTimeOffset Morning = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    /// <summary>An id drawn so many milliseconds after <see cref="Morning"/>; ids of one instant share their order key.</summary>
    public static RecordId Id(long milliseconds, long tail = 0)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong)(Morning.ToUnixTimeMilliseconds() + milliseconds) << 16) | 0x7000);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], 0x8000_0000_0000_0000UL | (ulong)tail);
        return new RecordId(new Guid(bytes, bigEndian: true));
    }

    public static CatalogEntry Entry(RecordId id, string text = "", int version = 1, string recordClass = "letter")
    {
        var record = new RecordDocument
        {
            Id = id,
            ScanId = id,
            RecordClass = recordClass,
            Profile = "default",
            ReceivedAt = id.DrawnAt,
            FileName = "scan.pdf",
            MediaType = "application/pdf",
            SizeBytes = 1,
            Sha512 = Digest(id, version).Hex,
            TextStatus = TextStatus.Complete,
            Pages = new PageAccount(1, 1, 0, 0, 0),
        };
        return new CatalogEntry(record, Pages(text.Split('\f')), Versions(id, version));
    }

    public static CatalogEntry With(this CatalogEntry entry, Func<RecordDocument, RecordDocument> change) =>
        entry with { Record = change(entry.Record) };

    public static CatalogEntry Fields(this CatalogEntry entry, params (string Name, string Value)[] fields) =>
        entry.With(record => record with
        {
            Fields = new SortedDictionary<string, string>(fields.ToDictionary(field => field.Name, field => field.Value), StringComparer.Ordinal),
        });

    public static DocumentText Pages(params string[] pages) =>
        new([.. pages.Select((text, index) => new PageText(index + 1, text, TextSource.Layer))]);

    public static Sha512Digest Digest(RecordId id, int version) => Sha512Digest.Of(System.Text.Encoding.ASCII.GetBytes($"{id} {version}"));

    private static RecordVersion[] Versions(RecordId id, int head) =>
    [
        .. Enumerable.Range(1, head).Select(number => new RecordVersion(
            number, id.DrawnAt.AddHours(number).AddTicks(7), number == 1 ? "ingest" : "amend", "clerk", number == 1 ? null : "mailto:clerk@example.org",
            Digest(id, number))),
    ];
}
