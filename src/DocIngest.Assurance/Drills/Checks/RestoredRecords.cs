using System.Security.Cryptography;
using DocIngest.Archive;
using DocIngest.Assurance.Population;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Assurance.Drills;

/// <summary>Whether each record was restored as it was filed: its inventory is the one that the audit names, and its original has the bytes that the inventory names.</summary>
/// <param name="folder">The folder that the restored archive is in.</param>
/// <param name="restored">The restored archive.</param>
/// <param name="record">Takes the results.</param>
internal sealed class RestoredRecords(IDurableFolder folder, IArchive restored, RunRecord record)
{
    private static readonly RunCheck Check = new(
        "restored", "Each record is restored in the version that was filed: its inventory is the one that the audit names, its original has the bytes that the inventory names", CheckKind.RestoreCompare,
        "the audit's entries of intake");

    private readonly List<string> _failed = [];

    /// <summary>What is missing altogether.</summary>
    public List<string> Missing { get; } = [];

    /// <summary>What is there, and not as it was filed.</summary>
    public IReadOnlyList<string> Damaged => [.. _failed.Except(Missing)];

    /// <summary>Reads and compares them.</summary>
    /// <param name="wanted">Which, with what is expected of each.</param>
    /// <param name="keeps">Which of those that are as they should be to return: an archive may have a million.</param>
    /// <param name="cancellation">Heeded between records.</param>
    public IReadOnlyList<RestoredOriginal> Run(IReadOnlyCollection<KeyValuePair<RecordId, ExpectedRecord>> wanted, Func<RecordId, bool> keeps, CancellationToken cancellation)
    {
        var sound = new List<RestoredOriginal>();
        foreach (var (id, expected) in wanted)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Look(id, expected) is { } original && (keeps(id) || sound.Count == 0))   // one at least, to be damaged
            {
                sound.Add(original);
            }
        }

        record.CloseListed(
            Check, wanted.Count, "The audit has no digest of these: an earlier program filed them. That they are there and whole is checked all the same.",
            "Records are missing in the backup, or are not what was filed. Do not let snapshots be forgotten. Compare the archive with 'docingest archive validate', the repository with"
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
                Missing.Add(name);
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

            using var inventoryFile = folder.OpenRead($"{found.Path}/{version.Name}/inventory.json");
            var (inventory, _) = Hash(inventoryFile);
            using var content = restored.OpenContent(found, version, file.LogicalPath);
            var (_, bytes) = Hash(content);   // to its end, where it is compared with the inventory
            bool isKnown = expected.Inventory is not null;
            bool isEqual = inventory == expected.Inventory;
            if (isKnown && !isEqual)
            {
                _failed.Add(name);
            }

            record.Add(
                Check.Id, name, !isKnown ? ItemResult.Skipped : isEqual ? ItemResult.Passed : ItemResult.Failed, version.Name, file.ContentPath, bytes, expected.Inventory, inventory,
                !isKnown ? "no-digest" : isEqual ? null : "inventory");
            return isKnown && !isEqual ? null : new RestoredOriginal(id, expected, found, version, file, bytes);
        }
        catch (DamagedObjectException damage)
        {
            return Fail(name, version, damage.Finding.Code);
        }
        catch (FixityException)
        {
            return Fail(name, version, "fixity");
        }
        catch (EntryNotFoundException)
        {
            return Fail(name, version, "inventory-missing");
        }
    }

    private RestoredOriginal? Fail(string name, VersionNumber version, string note)
    {
        _failed.Add(name);
        record.Add(Check.Id, name, ItemResult.Failed, version.Name, note: note);
        return null;
    }

    private static (string Sha512, long Bytes) Hash(Stream content)
    {
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
/// <param name="Expected">What the audit says of it.</param>
/// <param name="Object">Its object.</param>
/// <param name="Version">Of which version.</param>
/// <param name="File">The file.</param>
/// <param name="Bytes">Its length.</param>
internal sealed record RestoredOriginal(RecordId Id, ExpectedRecord Expected, OcflObject Object, VersionNumber Version, ArchivedFile File, long Bytes);
