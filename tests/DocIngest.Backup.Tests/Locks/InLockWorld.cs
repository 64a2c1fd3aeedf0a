namespace DocIngest.Backup.Tests.Locks;

/// <summary>Tests each of which has a world of locks of its own.</summary>
public abstract class InLockWorld : IAsyncLifetime
{
    private protected LockWorld World { get; private set; } = null!;   // set before each test

    protected static CancellationToken Cancellation => LockWorld.Cancellation;

    public async ValueTask InitializeAsync() => World = await LockWorld.CreateAsync();

    public ValueTask DisposeAsync()
    {
        World.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
