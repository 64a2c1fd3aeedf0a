using System.Globalization;
using System.Text;

namespace DocIngest.Storage;

/// <summary>Leases as small files in <c>~lease</c>: holder and end. All members are called under the blob's lock.</summary>
/// <remarks>Not flushed: a power cut ends all holders on this machine, and their leases may go with them. A torn file is no lease.</remarks>
/// <param name="work">Where <c>~lease</c> is made, ending in a slash; empty for beside the blobs.</param>
internal sealed class BlobLeases(IDurableFolder folder, BlobParts parts, TimeProvider time, string work)
{
    private readonly string _root = $"{work}~lease";

    internal IBlobLease? TryGrant(string name, Guid holder, TimeSpan duration, Func<Task<IDisposable>> lockBlob, Func<bool> exists)
    {
        if (Current(name) is { } held && held.Until > time.GetUtcNow() && held.Holder != $"{holder:N}")
            return null;
        var lease = new Lease(this, name, holder, duration, lockBlob, exists);
        Write(lease);
        return lease;
    }

    /// <summary>A lease handed in must still hold; none may be held by another.</summary>
    /// <exception cref="PreconditionFailedException">Otherwise.</exception>
    internal void Check(string name, IBlobLease? lease)
    {
        var held = Current(name) is { } current && current.Until > time.GetUtcNow() ? current : null;
        bool mine = held is not null && lease is Lease own && own.Holder == held.Holder;
        if (!mine && (lease is not null || held is not null))
            throw new PreconditionFailedException($"{folder.DisplayName}: the lease on the blob is another's, or ran out.");
    }

    /// <summary>The blob is deleted, and with it its lease.</summary>
    internal void Forget(string name) => folder.Delete(FileOf(name));

    // Flat: a slash becomes a sign no blob name has.
    private string FileOf(string name) => $"{_root}/{Shortened(name.Replace('/', '~'))}";

    // Long names would not fit into one path element.
    private static string Shortened(string name) =>
        name.Length <= 200 ? name : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(name)));

    private Held? Current(string name)
    {
        try
        {
            using var reader = new StreamReader(folder.OpenRead(FileOf(name)), Encoding.ASCII);
            string[] fields = reader.ReadToEnd().Split(' ');
            return fields is [var holder, var until] &&
                DateTimeOffset.TryParseExact(until, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var end)
                ? new Held(holder, end)
                : null;
        }
        catch (EntryNotFoundException)
        {
            return null;
        }
    }

    private void Write(Lease lease)
    {
        folder.CreateFolder(_root);
        string part = parts.Write(Encoding.ASCII.GetBytes($"{lease.Holder} {time.GetUtcNow() + lease.Duration:O}"));
        folder.Replace(part, FileOf(lease.Name));
    }

    private sealed record Held(string Holder, DateTimeOffset Until);

    private sealed class Lease(
        BlobLeases leases, string name, Guid holder, TimeSpan duration, Func<Task<IDisposable>> lockBlob, Func<bool> exists) : IBlobLease
    {
        internal string Holder { get; } = $"{holder:N}";

        internal string Name => name;

        internal TimeSpan Duration => duration;

        public async Task RenewAsync(CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            using var blob = await lockBlob();
            if (leases.Current(name)?.Holder != Holder || !exists())
                throw new PreconditionFailedException($"{leases.DisplayName}: the lease is lost.");
            leases.Write(this);
        }

        public async ValueTask DisposeAsync()
        {
            using var blob = await lockBlob();
            if (leases.Current(name)?.Holder == Holder)
                leases.Forget(name);
        }
    }

    private string DisplayName => folder.DisplayName;
}
