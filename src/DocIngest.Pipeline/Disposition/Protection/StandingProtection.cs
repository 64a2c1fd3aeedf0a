using DocIngest.Archive;
using DocIngest.Pipeline.Holds;

namespace DocIngest.Pipeline.Disposition;

/// <summary>Whether the archive's own protection lets approved records go already.</summary>
/// <param name="archive">The archive.</param>
internal sealed class StandingProtection(IArchive archive)
{
    /// <summary>What an execution has to wait for; null for nothing. Records that it would keep anyway, held or changed ones, count for nothing.</summary>
    public async Task<string?> ObjectionAsync(IEnumerable<ProposedRecord> approved, Func<HoldsInForce> holds, CancellationToken cancellation)
    {
        if (archive.Protection is not { } protection)
        {
            return null;
        }

        var inForce = holds();
        DateTimeOffset? until = null;
        int immutable = 0;
        int held = 0;
        foreach (var record in approved)
        {
            var guard = await protection.FindAsync(protection.PlaceOf(record.Id.ToString()), cancellation);
            if (!guard.IsOpen && IsToGo(record, inForce))
            {
                immutable += guard.ImmutableUntil is null ? 0 : 1;
                held += guard.HeldBlobs > 0 ? 1 : 0;
                until = guard.ImmutableUntil > until || until is null ? guard.ImmutableUntil : until;
            }
        }

        return immutable > 0 ? $"The store of the archive keeps {immutable:N0} of these records immutable until {until:yyyy-MM-dd HH:mm}Z. Execute it after that: what is due is not renewed."
            : held > 0 ? $"{held:N0} of these records are under a legal hold in the store of the archive, and under none in the register any more. 'docingest archive protect' takes it off."
            : null;
    }

    private bool IsToGo(ProposedRecord record, HoldsInForce inForce)
    {
        try
        {
            return archive.Find(record.Id.ToString()) is { } found && found.InventoryDigest == new Sha512Digest(record.InventorySha512) && RecordFamily.HoldsOf(archive, found, inForce).Count == 0;
        }
        catch (Exception error) when (error is DamagedObjectException or FixityException)
        {
            return false;   // the destroyer keeps what cannot be read, and says so
        }
    }
}
