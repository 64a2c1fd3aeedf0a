using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using DocIngest.Backup.Crypto;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Keys;

/// <summary>The passwords of a repository: each is a key file that seals the same master key (restic-format 3.4).</summary>
/// <remarks>The master key itself can never be changed: whoever had it once reads everything.</remarks>
public sealed class KeyRing(IRepositoryStore store)
{
    /// <summary>restic tries no more without being told which: a password beyond these might not open the repository.</summary>
    public const int MostKeys = 20;

    /// <summary>More than any key file has; hundreds in fact.</summary>
    internal const int MaxFileBytes = 64 * 1024;

    /// <summary>Finds the key file that this password opens.</summary>
    /// <param name="password">As its bytes are; restic takes UTF-8.</param>
    /// <param name="cancellation">Gives up between two key files.</param>
    /// <exception cref="WrongPasswordException">None of them.</exception>
    /// <exception cref="DamagedRepositoryException">A key file is malformed. restic gives up too, whatever the others are.</exception>
    /// <exception cref="UnsupportedRepositoryException">A key file uses another derivation than scrypt.</exception>
    public async Task<OpenedKey> OpenAsync(ReadOnlyMemory<byte> password, CancellationToken cancellation)
    {
        var ids = await IdsAsync(cancellation);
        if (ids.Count == 0)
            throw new DamagedRepositoryException(FileKind.Key, null, "the repository has no key file.");
        foreach (var id in ids.Take(MostKeys))
        {
            if (await TryReadAsync(id, cancellation) is { } file && await OpenAsync(id, file, password, cancellation) is { } master)
                return new OpenedKey(id, master);
        }

        throw new WrongPasswordException(ids.Count <= MostKeys
            ? $"{store.DisplayName}: no key opens with this password."
            : $"{store.DisplayName}: none of the first {MostKeys} of {ids.Count} keys opens with this password. Remove keys that nobody needs.");
    }

    /// <summary>Gives the repository one more password.</summary>
    /// <param name="masterKey">The opened one.</param>
    /// <param name="password">Not beginning or ending in white space: restic would cut that off a password file.</param>
    /// <param name="parameters">What guessing it shall cost.</param>
    /// <param name="origin">Who and where; readable without any password.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The name of the new key file.</returns>
    /// <exception cref="KeyRefusedException">There are <see cref="MostKeys"/> already. Nothing changed.</exception>
    /// <exception cref="UnsoundEncodingException">The new key file does not open again. Nothing changed.</exception>
    public async Task<FileId> AddAsync(
        MasterKey masterKey, ReadOnlyMemory<byte> password, ScryptParameters parameters, KeyOrigin origin, CancellationToken cancellation)
    {
        if (!parameters.AreAllowed)
            throw new ArgumentException("restic does not allow these parameters.", nameof(parameters));
        if ((await IdsAsync(cancellation)).Count >= MostKeys)
            throw new KeyRefusedException($"{store.DisplayName}: there are {MostKeys} keys already. Remove one first.");

        byte[] content = await Task.Run(() => Seal(masterKey, password.Span, parameters, origin), cancellation);
        var id = FileId.Of(content);
        await store.SaveAsync(FileKind.Key, id, content, cancellation);
        return id;
    }

    /// <summary>All key files, readable ones and others.</summary>
    public async IAsyncEnumerable<ListedKey> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var id in await IdsAsync(cancellation))
        {
            KeyFile? file = null;
            BackupException? fault = null;
            try
            {
                file = await TryReadAsync(id, cancellation);
            }
            catch (BackupException error)
            {
                fault = error;
            }

            if (file is not null || fault is not null)
                yield return new ListedKey(id, file, fault);
        }
    }

    /// <summary>Takes a password away. Needs the exclusive lock.</summary>
    /// <param name="id">Which.</param>
    /// <param name="inUse">The one that opened the repository; null where an escrowed master key did.</param>
    /// <param name="cancellation">Gives up; it may be removed or not.</param>
    /// <exception cref="KeyRefusedException">It is the one in use, or the only one. Nothing changed.</exception>
    /// <exception cref="EntryNotFoundException">There is no such key.</exception>
    public async Task RemoveAsync(FileId id, FileId? inUse, CancellationToken cancellation)
    {
        if (id == inUse)
            throw new KeyRefusedException($"{store.DisplayName}: the key {id} is the one in use. Open the repository with another password to remove it.");
        var ids = await IdsAsync(cancellation);
        if (!ids.Contains(id))
            throw new EntryNotFoundException($"{store.DisplayName}: there is no key {id}.");
        if (ids.Count == 1)
            throw new KeyRefusedException($"{store.DisplayName}: the key {id} is the only one: no password would open the repository. Add another first.");
        await store.DeleteAsync(FileKind.Key, id, cancellation);
    }

    private async Task<List<FileId>> IdsAsync(CancellationToken cancellation)
    {
        var ids = new List<FileId>();
        await foreach (var file in store.ListAsync(FileKind.Key, cancellation))
            ids.Add(file.Id);
        ids.Sort();
        return ids;
    }

    private async Task<KeyFile?> TryReadAsync(FileId id, CancellationToken cancellation)
    {
        try
        {
            return KeyFileCodec.Read(await store.ReadVerifiedAsync(FileKind.Key, id, MaxFileBytes, cancellation));
        }
        catch (EntryNotFoundException)
        {
            return null;   // removed since it was listed
        }
        catch (InvalidDataException error)
        {
            throw new DamagedRepositoryException(FileKind.Key, id, error.Message, error);
        }
    }

    private static async Task<MasterKey?> OpenAsync(FileId id, KeyFile file, ReadOnlyMemory<byte> password, CancellationToken cancellation)
    {
        try
        {
            return await Task.Run(() => Unseal(file, password.Span), cancellation);
        }
        catch (InvalidDataException error)
        {
            throw new DamagedRepositoryException(FileKind.Key, id, error.Message, error);
        }
    }

    private static MasterKey? Unseal(KeyFile file, ReadOnlySpan<byte> password)
    {
        if (file.SealedKey.Length < MasterKey.Overhead)
            throw new InvalidDataException("The sealed key is too short.");
        using var derived = Derive(password, file.Salt, file.Parameters);
        byte[] plaintext = new byte[file.SealedKey.Length - MasterKey.Overhead];
        try
        {
            return derived.TryOpen(file.SealedKey, plaintext) ? KeyFileCodec.ReadMasterKey(plaintext) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    private static byte[] Seal(MasterKey masterKey, ReadOnlySpan<byte> password, ScryptParameters parameters, KeyOrigin origin)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(Scrypt.SaltBytes);
        byte[] plaintext = KeyFileCodec.WriteMasterKey(masterKey);
        using var derived = Derive(password, salt, parameters);
        byte[] sealedKey = new byte[plaintext.Length + MasterKey.Overhead];
        derived.Seal(plaintext, sealedKey);
        byte[] content = KeyFileCodec.Write(new KeyFile
        {
            Created = origin.Time,
            UserName = origin.UserName,
            HostName = origin.HostName,
            Parameters = parameters,
            Salt = salt,
            SealedKey = sealedKey,
        });
        Verify(content, derived, plaintext);
        CryptographicOperations.ZeroMemory(plaintext);
        return content;
    }

    /// <summary>A key file that does not open, or gives another key, would be noticed on the day it is needed.</summary>
    /// <exception cref="UnsoundEncodingException">It is such a one.</exception>
    internal static void Verify(byte[] content, MasterKey derived, ReadOnlySpan<byte> masterKey)
    {
        const string What = "The new key file";
        byte[] opened = new byte[masterKey.Length];
        try
        {
            byte[] sealedKey = KeyFileCodec.Read(content).SealedKey;
            if (sealedKey.Length != opened.Length + MasterKey.Overhead || !derived.TryOpen(sealedKey, opened) || !masterKey.SequenceEqual(opened))
                throw new UnsoundEncodingException(What);
        }
        catch (Exception error) when (error is InvalidDataException or UnsupportedRepositoryException)
        {
            throw new UnsoundEncodingException(What, error);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(opened);
        }
    }

    private static MasterKey Derive(ReadOnlySpan<byte> password, byte[] salt, ScryptParameters parameters)
    {
        Span<byte> key = stackalloc byte[MasterKey.SizeBytes];
        Scrypt.Derive(password, salt, parameters, key);
        var derived = new MasterKey(key);
        CryptographicOperations.ZeroMemory(key);
        return derived;
    }
}

/// <summary>The master key, and the key file that gave it.</summary>
public sealed record OpenedKey(FileId Id, MasterKey Key);

/// <summary>Who makes a key, where and when.</summary>
public sealed record KeyOrigin(string UserName, string HostName, ZonedTime Time);

/// <summary>A key file as a listing tells it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="File">What it says; null where it cannot be read.</param>
/// <param name="Fault">Why it cannot be read.</param>
public sealed record ListedKey(FileId Id, KeyFile? File, BackupException? Fault);
