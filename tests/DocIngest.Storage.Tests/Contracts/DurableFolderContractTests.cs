using System.Net.Sockets;
using DocIngest.TestKit;

namespace DocIngest.Storage.Tests;

public sealed class MemoryFolderContractTests : DurableFolderContract
{
    private readonly MemoryVolume _volume = new();

    protected override IDurableFolder Folder => _volume.FolderAt("folder");

    protected override void Place(string path, EntryKind kind) => _volume.Place($"folder/{path}", kind);
}

public sealed class FaultyFolderContractTests : DurableFolderContract
{
    private readonly MemoryVolume _volume = new();
    private FaultyFolder? _folder;

    protected override IDurableFolder Folder => _folder ??= new FaultyFolder(_volume.FolderAt(""), FaultPlan.None);

    protected override void Place(string path, EntryKind kind) => _volume.Place(path, kind);
}

public sealed class LocalFolderByGroupContractTests() : LocalFolderContract(Durability.Group);

public sealed class LocalFolderByFileContractTests() : LocalFolderContract(Durability.File);

public sealed class LocalFolderByDefaultContractTests() : LocalFolderContract(Durability.Auto);

public abstract class LocalFolderContract : DurableFolderContract
{
    private readonly TempFolder _temp = new();
    private readonly LocalVolumes _volumes;

    protected LocalFolderContract(Durability durability)
    {
        _volumes = new LocalVolumes(durability);
        Folder = _volumes.Open(_temp.Folder("inside"));
        _temp.Folder("outside");
    }

    protected override IDurableFolder Folder { get; }

    public override void Dispose()
    {
        _volumes.Dispose();
        _temp.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    // A socket is the special file that needs no tool and no rights.
    protected override void Place(string path, EntryKind kind)
    {
        string full = Path.Combine(_temp["inside"], path);
        if (kind is EntryKind.Link)
        {
            File.CreateSymbolicLink(full, _temp["outside"]);
            return;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new PrivateEndPoint(full));
    }

    /// <summary>Leaves its file behind when the socket is closed, unlike the framework's own.</summary>
    private sealed class PrivateEndPoint(string path) : System.Net.EndPoint
    {
        public override AddressFamily AddressFamily => AddressFamily.Unix;

        public override System.Net.SocketAddress Serialize() => new UnixDomainSocketEndPoint(path).Serialize();
    }
}
