using DocIngest.Backup.Crypto;
using DocIngest.Backup.Keys;
using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Repositories;

/// <summary>Makes a repository, or goes on where the making of one ended between its key and its config.</summary>
/// <remarks>
/// Crash points: (1) the key, (2) config, which makes it a repository (restic-format 4). After 1 nothing is sealed with the master key
/// yet, so whoever has the password may go on with it.
/// </remarks>
/// <param name="store">The place.</param>
/// <param name="password">The first password.</param>
/// <param name="parameters">What guessing it shall cost.</param>
/// <param name="origin">Who makes it.</param>
internal sealed class RepositoryMaking(IRepositoryStore store, ReadOnlyMemory<byte> password, ScryptParameters parameters, KeyOrigin origin)
{
    // The store may be what failed: nobody waits for it longer than this.
    private static readonly TimeSpan LongestCleaning = TimeSpan.FromSeconds(30);

    private readonly KeyRing _keys = new(store);

    /// <summary>Makes it.</summary>
    /// <returns>The master key, which becomes the caller's, the key file that holds it, and config.</returns>
    internal async Task<(OpenedKey Key, RepositoryConfig Config)> RunAsync(CancellationToken cancellation)
    {
        await DemandNoRepositoryAsync(cancellation);
        return await FirstAsync(FileKind.Key, cancellation) is null ? await BeginAsync(cancellation) : await GoOnAsync(cancellation);
    }

    private async Task DemandNoRepositoryAsync(CancellationToken cancellation)
    {
        if (await store.ReadConfigAsync(cancellation) is not null)
            throw new RepositoryExistsException($"{store.DisplayName}: there is a repository already.");
        foreach (var kind in (FileKind[])[FileKind.Snapshot, FileKind.Index, FileKind.Pack])
        {
            if (await FirstAsync(kind, cancellation) is { } id)
                throw new RepositoryExistsException($"{store.DisplayName}: there is a part of a repository ({kind} {id}). Look at it before you remove it.");
        }
    }

    private async Task<FileId?> FirstAsync(FileKind kind, CancellationToken cancellation)
    {
        await foreach (var file in store.ListAsync(kind, cancellation))
            return file.Id;
        return null;
    }

    private async Task<(OpenedKey Key, RepositoryConfig Config)> BeginAsync(CancellationToken cancellation)
    {
        var key = MasterKey.Draw();
        FileId? saved = null;
        try
        {
            saved = await _keys.AddAsync(key, password, parameters, origin, cancellation);   // 1
            return (new OpenedKey(saved.Value, key), await CreateConfigAsync(key, cancellation));   // 2
        }
        catch
        {
            if (saved is { } own)
                await TryTakeBackAsync(own, key);
            key.Dispose();
            throw;
        }
    }

    private async Task<(OpenedKey Key, RepositoryConfig Config)> GoOnAsync(CancellationToken cancellation)
    {
        var left = await OpenLeftKeyAsync(cancellation);
        try
        {
            var config = await CreateConfigAsync(left.Key, cancellation);   // 2
            return (await KeepAsync(left, cancellation), config);
        }
        catch
        {
            left.Key.Dispose();
            throw;
        }
    }

    private async Task<OpenedKey> OpenLeftKeyAsync(CancellationToken cancellation)
    {
        try
        {
            return await _keys.OpenAsync(password, cancellation);
        }
        catch (BackupException error) when (error is WrongPasswordException or DamagedRepositoryException or UnsupportedRepositoryException)
        {
            throw new RepositoryExistsException(
                $"{store.DisplayName}: there is a part of a repository, keys without config, and this password does not open them ({error.Message})" +
                " Give the password that it was begun with, or look at them before you remove them.");
        }
    }

    /// <summary>Whoever began may still have been there, and have taken back its key since it was read.</summary>
    private async Task<OpenedKey> KeepAsync(OpenedKey left, CancellationToken cancellation) =>
        await store.FindAsync(FileKind.Key, left.Id, cancellation) is not null
            ? left
            : left with { Id = await _keys.AddAsync(left.Key, password, parameters, origin, cancellation) };

    private async Task<RepositoryConfig> CreateConfigAsync(MasterKey key, CancellationToken cancellation)
    {
        var config = RepositoryConfig.Draw();
        var json = config.Write();
        byte[] stored = new byte[json.Length + MasterKey.Overhead];
        key.Seal(json.Span, stored);
        try
        {
            await store.CreateConfigAsync(stored, cancellation);
            return config;
        }
        catch (NameTakenException error)
        {
            throw new RepositoryExistsException($"{store.DisplayName}: somebody else made a repository here at the same time. {error.Message}");
        }
    }

    /// <summary>A key of no repository would be in the way of the next one under another password, and restic gives up at a key that does not open config.</summary>
    private async Task TryTakeBackAsync(FileId own, MasterKey key)
    {
        using var limit = new CancellationTokenSource(LongestCleaning);
        try
        {
            // Config may be there although saving it failed, or be that of somebody who went on with this key.
            if (await store.ReadConfigAsync(limit.Token) is not { } config || !Opens(key, config))
                await store.DeleteAsync(FileKind.Key, own, limit.Token);
        }
        catch (Exception error) when (error is StorageException or BackupException or OperationCanceledException)
        {
            // The same password goes on with the key. What ended the making is what the caller must hear of.
        }
    }

    private static bool Opens(MasterKey key, byte[] config) =>
        config.Length >= MasterKey.Overhead && key.TryOpen(config, new byte[config.Length - MasterKey.Overhead]);
}
