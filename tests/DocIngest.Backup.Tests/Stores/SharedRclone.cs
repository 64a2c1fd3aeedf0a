using DocIngest.TestKit;
using DocIngest.TestKit.Servers;

namespace DocIngest.Backup.Tests.Stores;

/// <summary>One server for all tests that want nothing special of it.</summary>
public sealed class SharedRclone : IAsyncLifetime
{
    private Rclone? _rclone;

    /// <summary>Skips the test where rclone is not installed.</summary>
    internal Rclone Server
    {
        get
        {
            Needs.Tool("rclone");
            return _rclone ?? throw new InvalidOperationException("Not initialized.");
        }
    }

    public async ValueTask InitializeAsync() => _rclone = Needs.Has("rclone") ? await Rclone.StartAsync() : null;

    public ValueTask DisposeAsync()
    {
        _rclone?.Dispose();
        return ValueTask.CompletedTask;
    }
}
