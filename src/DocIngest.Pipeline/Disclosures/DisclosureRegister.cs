using System.Globalization;
using DocIngest.Archive;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Pipeline.Disclosures;

/// <summary>Who was given which records: a system object of the archive for each year. Several processes may use it at once.</summary>
/// <param name="objects">The archive's system objects.</param>
/// <param name="actor">Who hands out (I9).</param>
/// <param name="time">The clock.</param>
public sealed class DisclosureRegister(SystemObjectStore objects, Actor actor, TimeProvider time)
{
    /// <summary>The object of a year.</summary>
    public static SystemObjectName NameOf(int year) => new(string.Create(CultureInfo.InvariantCulture, $"disclosures:{year}"));

    /// <summary>The disclosures of a year, by number.</summary>
    /// <exception cref="DamagedObjectException">They cannot be read.</exception>
    public IReadOnlyList<Disclosure> List(int year) => objects.Find(NameOf(year)) is { } found ? Read(found).Disclosures : [];

    /// <summary>Notes that records are about to be handed out: before they are.</summary>
    /// <param name="to">Whom they are for.</param>
    /// <param name="purpose">What for.</param>
    /// <param name="records">What.</param>
    /// <param name="cancellation">Heeded until the version is placed.</param>
    /// <inheritdoc cref="SystemObjectStore.ChangeAsync" path="/exception" />
    public async Task<Disclosure> NoteAsync(string to, string purpose, IReadOnlyList<DisclosedRecord> records, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        Disclosure? noted = null;
        await objects.ChangeAsync(
            NameOf(now.UtcDateTime.Year),
            found =>
            {
                var document = found is null ? DisclosuresDocument.None : Read(found);
                noted = new Disclosure(document.Disclosures.Count + 1, now, to, purpose, actor.Name, actor.Address, records);
                return SystemObjectChange.OfJson(
                    "records disclosed", DisclosuresDocument.FileName, document with { Disclosures = [.. document.Disclosures, noted] }, DisclosuresJson.Instance.DisclosuresDocument);
            },
            cancellation);
        return noted!;   // the store calls at once, or throws
    }

    private DisclosuresDocument Read(OcflObject found) => objects.ReadJson(
        found, DisclosuresDocument.FileName, DisclosuresJson.Instance.DisclosuresDocument, DisclosuresDocument.MostBytes, read => read.Format == DisclosuresDocument.CurrentFormat);
}
