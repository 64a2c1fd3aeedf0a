using System.Net;
using System.Runtime.CompilerServices;
using DocIngest.Storage;

namespace DocIngest.Backup.Stores;

/// <summary>A repository behind restic's REST protocol: its own rest-server, or <c>rclone serve restic</c> before any other cloud.</summary>
/// <remarks>
/// <para>The server keeps the promises of a store, as far as it does. Restic's own does. An rclone that dies, with the machine or by itself, while it
/// writes to a local disk leaves a part of the file under its name: who saves the same file again heals it, as <see cref="RetryingStore"/> does
/// when the server comes back in time; else the file is found to be damaged.</para>
/// <para>Plain <c>http</c> is taken, as restic takes it, since the files are sealed; but the server's password and what is done when are open to
/// everybody on the way, and anybody there may remove files. Beyond the machine itself use <c>https</c>.</para>
/// <para>Nothing is tried twice here: see <see cref="RetryingStore"/>.</para>
/// </remarks>
public sealed class RestStore : IRepositoryStore, IDisposable
{
    private readonly RestConnection _connection;

    /// <summary>Nothing is asked yet.</summary>
    /// <param name="address">Of the repository, http or https, without credentials. A missing slash at its end is added.</param>
    /// <param name="credentials">What opens it, or null.</param>
    /// <param name="time">The clock for what takes too long.</param>
    /// <param name="handler">Connects instead of the framework's own, for example with a certificate authority of the house; stays the caller's.</param>
    /// <exception cref="ArgumentException">No such address.</exception>
    public RestStore(Uri address, RestCredentials? credentials, TimeProvider time, HttpMessageHandler? handler = null) =>
        _connection = new RestConnection(address, credentials, time, handler);

    /// <inheritdoc />
    public string DisplayName => _connection.DisplayName;

    /// <summary>Has the server make room for a repository. Safe to repeat, also where there is one.</summary>
    public async Task CreateAsync(CancellationToken cancellation)
    {
        using var answer = await _connection.SendAsync(HttpMethod.Post, "?create=true", new ByteArrayContent([]), cancellation);
        _connection.DemandSuccess(answer);
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var answer = await _connection.SendAsync(HttpMethod.Get, $"{RepositoryLayout.Folder(kind)}/", null, cancellation);
        if (answer.StatusCode is HttpStatusCode.NotFound)
        {
            if (RestListing.MayBeAFailure(answer))
                throw new StorageUnavailableException($"{DisplayName}: the server did not list its files.");
            yield break;   // never written to
        }

        _connection.DemandSuccess(answer);
        await foreach (var (name, size) in RestListing.ReadAsync(_connection, answer, cancellation))
        {
            if (RepositoryLayout.TryParse(name, out var id) && (size ?? await FindAsync(kind, id, cancellation)) is { } sizeBytes)
                yield return new StoredFile(id, sizeBytes);
        }
    }

    /// <inheritdoc />
    public Task<long?> FindAsync(FileKind kind, FileId id, CancellationToken cancellation) => FindAsync(Path(kind, id), cancellation);

    /// <inheritdoc />
    public async Task ReadAsync(FileKind kind, FileId id, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (destination.Length == 0)   // no range of HTTP is empty
        {
            _ = await FindAsync(kind, id, cancellation) ?? throw new EntryNotFoundException($"{DisplayName}: no such file.");
            return;
        }

        using var answer = await _connection.SendAsync(HttpMethod.Get, Path(kind, id), null, cancellation, (offset, destination.Length));
        int read = answer.StatusCode is HttpStatusCode.RequestedRangeNotSatisfiable ? 0 : await ReadPartAsync(answer, offset, destination, cancellation);
        if (read < destination.Length)
            throw new DamagedRepositoryException(kind, id, $"the file is too short: {destination.Length} bytes were asked for from {offset} on.");
    }

    /// <inheritdoc />
    public Task<byte[]> ReadAllAsync(FileKind kind, FileId id, int maxBytes, CancellationToken cancellation) =>
        ReadWholeAsync(Path(kind, id), kind, id, maxBytes, cancellation);

    /// <inheritdoc />
    /// <exception cref="StorageDeniedException">There are other bytes under the name, and the server lets nothing be removed.</exception>
    public async Task SaveAsync(FileKind kind, FileId id, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        try
        {
            await PostAsync(Path(kind, id), content, cancellation);
        }
        catch (StorageDeniedException)
        {
            // rest-server refuses what is there already, and every server that only appends does.
            if (await FindAsync(kind, id, cancellation) is not { } size)
                throw;
            if (await this.HoldsAsync(kind, id, size, content, cancellation))
                return;
            await DeleteAsync(kind, id, cancellation);   // nobody can use what it holds
            await PostAsync(Path(kind, id), content, cancellation);
        }
    }

    /// <inheritdoc />
    /// <exception cref="StorageDeniedException">The server only appends (it may let locks be removed nevertheless), or the user may not.</exception>
    public async Task DeleteAsync(FileKind kind, FileId id, CancellationToken cancellation)
    {
        using var answer = await _connection.SendAsync(HttpMethod.Delete, Path(kind, id), null, cancellation);
        if (answer.StatusCode is HttpStatusCode.NotFound)
            return;
        if (answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.MethodNotAllowed)
            throw new StorageDeniedException($"{DisplayName}: the server does not let {kind} {id} be removed: it only appends, or this user may not.");
        _connection.DemandSuccess(answer);
    }

    /// <inheritdoc />
    public async Task<byte[]?> ReadConfigAsync(CancellationToken cancellation)
    {
        try
        {
            return await ReadWholeAsync(RepositoryLayout.Config, FileKind.Config, null, RepositoryLayout.MaxConfigBytes, cancellation);
        }
        catch (EntryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc />
    /// <remarks>The protocol has no condition on a save: of two who create one at the same moment, both may believe that it is theirs.</remarks>
    public async Task CreateConfigAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        await DemandNoConfigAsync(cancellation);
        try
        {
            await PostAsync(RepositoryLayout.Config, content, cancellation);
        }
        catch (StorageDeniedException)
        {
            await DemandNoConfigAsync(cancellation);   // rest-server refuses the second one
            throw;
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _connection.Dispose();

    /// <summary>The protocol knows no folders below <c>data</c>; the server makes them.</summary>
    private static string Path(FileKind kind, FileId id) => $"{RepositoryLayout.Folder(kind)}/{id}";

    private async Task<long?> FindAsync(string path, CancellationToken cancellation)
    {
        using var answer = await _connection.SendAsync(HttpMethod.Head, path, null, cancellation);
        if (answer.StatusCode is HttpStatusCode.NotFound)
            return null;
        _connection.DemandSuccess(answer);
        return answer.Content.Headers.ContentLength ?? throw _connection.NotRestic("it does not tell the size of a file");
    }

    /// <returns>How much was read; less where the file ends.</returns>
    private async Task<int> ReadPartAsync(HttpResponseMessage answer, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        _connection.DemandSuccess(answer);
        if (answer.StatusCode is not HttpStatusCode.PartialContent)
            throw _connection.NotRestic("it does not give a part of a file");
        if (answer.Content.Headers.ContentRange?.From is { } from && from != offset)
            throw _connection.NotRestic("it gives another part of a file than was asked for");
        await using var body = await _connection.ReadAsync(answer, cancellation);
        return await body.ReadAtLeastAsync(destination, destination.Length, throwOnEndOfStream: false, cancellation);
    }

    private async Task<byte[]> ReadWholeAsync(string path, FileKind kind, FileId? id, int maxBytes, CancellationToken cancellation)
    {
        using var answer = await _connection.SendAsync(HttpMethod.Get, path, null, cancellation);
        _connection.DemandSuccess(answer);
        await using var body = await _connection.ReadAsync(answer, cancellation);
        return await WholeFile.ReadAsync(body, answer.Content.Headers.ContentLength, kind, id, maxBytes, cancellation);
    }

    private async Task PostAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        using var answer = await _connection.SendAsync(HttpMethod.Post, path, new ReadOnlyMemoryContent(content), cancellation);
        if (answer.StatusCode is HttpStatusCode.NotFound)
            throw _connection.NotRestic("it has no place for a repository here");
        _connection.DemandSuccess(answer);
    }

    private async Task DemandNoConfigAsync(CancellationToken cancellation)
    {
        if (await FindAsync(RepositoryLayout.Config, cancellation) is not null)
            throw new NameTakenException($"{DisplayName}: there is a config already.");
    }
}
