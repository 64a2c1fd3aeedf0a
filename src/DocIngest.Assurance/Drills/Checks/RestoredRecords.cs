using System.Security.Cryptography;
using DocIngest.Archive;
using DocIngest.Assurance.Reports;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Records;

namespace DocIngest.Assurance.Drills;

/// <summary>Whether each record was restored with the bytes that were taken in, as the audit names them.</summary>
/// <param name="restored">The restored archive.</param>
/// <param name="record">Takes the results.</param>
internal sealed class RestoredRecords(IArchive restored, DrillRecord record)
{
    private static readonly DrillCheck Check = new(
        "restored", "Each record is restored in the version that was filed, and its original has the bytes that were taken in", CheckKind.RestoreCompare, "the audit's entries of intake");

    private readonly List<string> _failed = [];

    /// <summary>Reads and compares them.</summary>
    /// <param name="wanted">Which, with what is expected of each.</param>
    /// <param name="cancellation">Heeded between records.</param>
    /// <returns>Those that are as they should be.</returns>
    public IReadOnlyList<RestoredOriginal> Run(IReadOnlyList<KeyValuePair<RecordId, ExpectedRecord>> wanted, CancellationToken cancellation)
    {
        var sound = new List<RestoredOriginal>();
        foreach (var (id, expected) in wanted)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Look(id, expected) is { } original)
            {
                sound.Add(original);
            }
        }

        record.CloseListed(
            Check, wanted.Count, "The audit has no digest of these: an earlier program filed them. That they are there and whole is checked all the same.",
            "Records are missing in the backup, or are not what was taken in. Do not let snapshots be forgotten. Compare the archive with 'docingest archive validate', the repository with"
            + " 'docingest backup check --read-data', and restore these records from an earlier snapshot.",
            _failed);
        return sound;
    }

    private RestoredOriginal? Look(RecordId id, ExpectedRecord expected)
    {
        string name = id.ToString();
        var version = new VersionNumber(expected.Version);
        try
        {
            if (restored.Find(name) is not { } found)
            {
                return Fail(name, version, "missing");
            }

            if (found.Head.Value < version.Value)
            {
                return Fail(name, version, "version-missing");
            }

            if (ArchivedOriginal.Of(found, version) is not { } file)
            {
                return Fail(name, version, "original-missing");
            }

            var (actual, bytes) = Read(found, version, file.LogicalPath);
            bool isKnown = expected.Sha512 is not null;
            if (isKnown && actual != expected.Sha512)
            {
                _failed.Add(name);
                record.Add(Check.Id, name, ItemResult.Failed, version.Name, file.ContentPath, bytes, expected.Sha512, actual, "digest");
                return null;
            }

            record.Add(
                Check.Id, name, isKnown ? ItemResult.Passed : ItemResult.Skipped, version.Name, file.ContentPath, bytes, expected.Sha512, actual, isKnown ? null : "no-digest");
            return new RestoredOriginal(id, found, version, file, bytes);
        }
        catch (DamagedObjectException damage)
        {
            return Fail(name, version, damage.Finding.Code);
        }
        catch (FixityException)
        {
            return Fail(name, version, "fixity");
        }
    }

    private RestoredOriginal? Fail(string name, VersionNumber version, string note)
    {
        _failed.Add(name);
        record.Add(Check.Id, name, ItemResult.Failed, version.Name, note: note);
        return null;
    }

    private (string Sha512, long Bytes) Read(OcflObject found, VersionNumber version, string logicalPath)
    {
        using var content = restored.OpenContent(found, version, logicalPath);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        byte[] buffer = new byte[128 * 1024];
        long bytes = 0;
        while (content.Read(buffer) is > 0 and var count)
        {
            hash.AppendData(buffer, 0, count);
            bytes += count;
        }

        return (Convert.ToHexStringLower(hash.GetHashAndReset()), bytes);
    }
}

/// <summary>An original that was restored and is as it should be.</summary>
/// <param name="Id">Of which record.</param>
/// <param name="Object">Its object.</param>
/// <param name="Version">Of which version.</param>
/// <param name="File">The file.</param>
/// <param name="Bytes">Its length.</param>
internal sealed record RestoredOriginal(RecordId Id, OcflObject Object, VersionNumber Version, ArchivedFile File, long Bytes);
