using DocIngest.Backup.Crypto;
using DocIngest.Backup.Keys;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Checks;

/// <summary>Looks at all key files, not only the one that opened the repository: one bad one locks everybody out of restic.</summary>
internal sealed class KeyCheck(Repository repository, FindingList findings)
{
    private readonly FileFaults _faults = new(repository, findings);
    private long _sound;
    private long _damaged;

    /// <summary>Key files; sound is one that its password opens, as far as can be told without it.</summary>
    internal Tally Files => new(_sound, _damaged);

    internal async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (var file in repository.Store.ListAsync(FileKind.Key, cancellation))
            await ReadAsync(file.Id, cancellation);
        if (Files.Total == 0)
            findings.Add(new CheckFinding(FindingRules.NoKey, "The folder keys is empty.") { Kind = FileKind.Key });
        if (Files.Total > KeyRing.MostKeys)
            findings.Add(new CheckFinding(FindingRules.TooManyKeys, $"There are {Files.Total}; restic tries {KeyRing.MostKeys}.") { Kind = FileKind.Key });
    }

    private async Task ReadAsync(FileId id, CancellationToken cancellation)
    {
        try
        {
            var file = KeyFileCodec.Read(await repository.Store.ReadVerifiedAsync(FileKind.Key, id, KeyRing.MaxFileBytes, cancellation));
            if (file.SealedKey.Length <= MasterKey.Overhead)
                throw new InvalidDataException("The sealed key is too short.");
            _sound++;
        }
        catch (Exception error) when (error is InvalidDataException or BackupException or StorageException)
        {
            if (await _faults.TellAsync(FileKind.Key, id, FindingRules.KeyUnreadable, error, cancellation))
                _damaged++;
        }
    }
}
