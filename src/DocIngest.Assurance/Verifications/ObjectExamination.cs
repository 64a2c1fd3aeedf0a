using DocIngest.Archive;
using DocIngest.Archive.Validation;
using DocIngest.Assurance.Population;

namespace DocIngest.Assurance.Verifications;

/// <summary>Reads an object again: every file of every version against its digest, all of it against the rules of OCFL, and its inventory against the one that the audit names.</summary>
internal sealed class ObjectExamination(IArchive archive, TimeProvider time)
{
    /// <summary>Reads it.</summary>
    public async Task<Examined> RunAsync(KnownObject known, CancellationToken cancellation)
    {
        if (await archive.ValidateAsync(known.Id, time, cancellation) is not { } report)
        {
            return Examined.Damaged("missing");
        }

        if (report.IsOnlyUnreadable)
        {
            return new Examined(ExaminedState.Unreadable, NoteOf(report), report.Bytes);
        }

        return report.IsValid ? Compare(known, report.Bytes) : Examined.Damaged(NoteOf(report), report.Bytes);
    }

    private Examined Compare(KnownObject known, long bytes)
    {
        try
        {
            return archive.Find(known.Id) is { } found
                ? Compare(found, known.Expected, bytes)
                : Examined.Damaged("missing", bytes);
        }
        catch (DamagedObjectException damage)
        {
            return Examined.Damaged(damage.Finding.Code, bytes);   // valid for anybody, and not of this archive
        }
    }

    private static Examined Compare(OcflObject found, ExpectedRecord? expected, long bytes)
    {
        var read = new Examined(ExaminedState.Sound, null, bytes) { Head = found.Head.Value, Actual = found.InventoryDigest.Hex, Expected = expected?.Inventory };
        return expected is null ? read
            : read.Head < expected.Version ? read.As("version-missing")
            : read.Head > expected.Version ? read.As(Examined.UnauditedVersion)
            : expected.Inventory is null ? read with { Note = "no-digest" }
            : expected.Inventory == read.Actual ? read
            : read.As("inventory");
    }

    private static string NoteOf(ValidationReport report) =>
        string.Join(' ', report.Findings.Where(finding => finding.Severity == FindingSeverity.Error).Select(finding => finding.Code).Distinct().Order(StringComparer.Ordinal));
}

/// <summary>What reading an object found.</summary>
/// <param name="State">In one word.</param>
/// <param name="Note">Codes of what is wrong; null where nothing is.</param>
/// <param name="Bytes">How much was read.</param>
internal sealed record Examined(ExaminedState State, string? Note, long Bytes)
{
    /// <summary>The note of an object that has a version which no entry of the audit made.</summary>
    public const string UnauditedVersion = "version-unaudited";

    /// <summary>Its highest version; 0 where that is not known.</summary>
    public int Head { get; init; }

    /// <summary>Digest of the inventory that the audit names; null where it names none.</summary>
    public string? Expected { get; init; }

    /// <summary>Digest of the inventory that is there.</summary>
    public string? Actual { get; init; }

    public static Examined Damaged(string note, long bytes = 0) => new(ExaminedState.Damaged, note, bytes);

    public Examined As(string damage) => this with { State = ExaminedState.Damaged, Note = damage };
}

/// <summary>How an object was found.</summary>
internal enum ExaminedState
{
    /// <summary>As it was filed.</summary>
    Sound,

    /// <summary>Not as it was filed.</summary>
    Damaged,

    /// <summary>The surroundings kept it from being read: nothing is known.</summary>
    Unreadable,
}
