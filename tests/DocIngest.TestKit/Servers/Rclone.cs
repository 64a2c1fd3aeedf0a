using System.Diagnostics;

namespace DocIngest.TestKit.Servers;

/// <summary>The real <c>rclone serve restic</c> before a folder in memory.</summary>
public sealed class Rclone : IDisposable
{
    /// <summary>Ends with rclone, or kills it when the input ends.</summary>
    private const string Guard = """exec 3<&0; rclone "$@" & child=$!; { cat <&3 >&2; kill -KILL $child; } & wait $child""";

    private readonly TempFolder _temp = new(inMemory: true);
    private ServerProcess? _server;

    private Rclone()
    {
    }

    /// <summary>What the server answers to.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1:0/");

    /// <summary>The folder that it serves.</summary>
    public string Folder => _temp.Path;

    /// <summary>Starts a server. Skips the test where rclone is not installed, unless <c>DOCINGEST_REQUIRE</c> names it.</summary>
    public static async Task<Rclone> StartAsync(params string[] options)
    {
        Needs.Tool("rclone");
        var rclone = new Rclone();
        await rclone.StartAsync("127.0.0.1:0", options);
        return rclone;
    }

    /// <summary>The address of a repository of its own.</summary>
    public Uri NewRepository() => new(Address, $"{Guid.NewGuid():N}/");

    /// <summary>SIGKILL.</summary>
    public void Kill() => _server?.End();

    /// <summary>Starts it again at the same address, after it was killed.</summary>
    public Task RestartAsync()
    {
        _server?.Dispose();
        return StartAsync(Address.Authority, []);
    }

    public void Dispose()
    {
        _server?.Dispose();
        _temp.Dispose();
    }

    private async Task StartAsync(string address, string[] options)
    {
        _server = ServerProcess.Start(new ProcessStartInfo("sh", ["-c", Guard, "sh", "serve", "restic", "--config", "", "--addr", address, .. options, Folder]));
        Address = new Uri(await _server.SaysAsync("Serving restic REST API on "));
    }
}
