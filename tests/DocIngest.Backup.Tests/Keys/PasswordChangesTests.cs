using DocIngest.Backup.Crypto;
using DocIngest.Backup.Keys;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Backup.Tests.Locks;

namespace DocIngest.Backup.Tests.Keys;

public sealed class PasswordChangesTests : IAsyncLifetime
{
    private static readonly ReadOnlyMemory<byte> Second = "second"u8.ToArray();

    private LockWorld _world = null!;   // set before each test

    private PasswordChanges Changes => new(_world.Repository, new LockTerms(_world.Owner(), _world.Clock, TimeSpan.Zero));

    public async ValueTask InitializeAsync() => _world = await LockWorld.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _world.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_password_is_added_while_others_back_up_and_not_while_somebody_is_alone()
    {
        var other = await _world.LeaveAsync(isExclusive: false);
        await AddAsync();
        await _world.Repository.Store.DeleteAsync(FileKind.Lock, other, LockWorld.Cancellation);
        await _world.LeaveAsync(isExclusive: true);
        await Assert.ThrowsAsync<RepositoryLockedException>(AddAsync);
        Assert.Equal(2, _world.Folder.Files("keys").Count);
    }

    [Fact]
    public async Task A_password_is_taken_away_only_while_nobody_else_works()
    {
        var added = await AddAsync();
        await _world.LeaveAsync(isExclusive: false);
        await Assert.ThrowsAsync<RepositoryLockedException>(() => RemoveAsync(added));
        Assert.Equal(2, _world.Folder.Files("keys").Count);
    }

    [Fact]
    public async Task A_password_that_was_taken_away_leaves_no_key_and_no_lock()
    {
        var added = await AddAsync();
        await RemoveAsync(added);
        Assert.Single(_world.Folder.Files("keys"));
        Assert.Equal(0, _world.LockCount);
    }

    [Fact]
    public async Task The_only_password_stays_also_where_an_escrow_opened_the_repository()
    {
        var only = _world.Repository.KeyId ?? throw new InvalidOperationException("Opened by password.");
        byte[] key = new byte[MasterKey.SizeBytes];
        _world.Repository.Key.Export(key);
        _world.Repository = await Repository.OpenAsync(new FolderStore(_world.Folder), new MasterKey(key), LockWorld.Cancellation);
        await Assert.ThrowsAsync<KeyRefusedException>(() => RemoveAsync(only));
        Assert.Single(_world.Folder.Files("keys"));

        await AddAsync();
        await RemoveAsync(only);   // now it is not the only one
        Assert.Single(_world.Folder.Files("keys"));
    }

    private Task<FileId> AddAsync() =>
        _world.RunAsync(Changes.AddAsync(Second, RepositoryWorld.Cheap, RepositoryWorld.Origin, LockWorld.Cancellation));

    private async Task RemoveAsync(FileId id)
    {
        var work = Changes.RemoveAsync(id, LockWorld.Cancellation);
        await _world.RunAsync(work.ContinueWith(_ => true, LockWorld.Cancellation, TaskContinuationOptions.None, TaskScheduler.Default));
        await work;
    }
}
