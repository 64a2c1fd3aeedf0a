using System.Security.Cryptography;
using System.Text;

namespace DocIngest.Archive.Validation;

/// <summary>Finds objects with one id. May be used from several threads.</summary>
internal sealed class ObjectIds
{
    private readonly Lock _gate = new();

    // Under _gate. Ids by their digest: a million of them fit into memory.
    private readonly Dictionary<UInt128, string> _paths = [];
    private readonly Dictionary<UInt128, List<string>> _repeated = [];

    public void Add(string objectId, string path)
    {
        byte[] hash = SHA256.HashData(Encoding.Unicode.GetBytes(objectId));
        var key = BitConverter.ToUInt64(hash, 0) + ((UInt128)BitConverter.ToUInt64(hash, 8) << 64);
        lock (_gate)
        {
            if (_paths.TryAdd(key, path))
            {
                return;
            }

            if (!_repeated.TryGetValue(key, out var paths))
            {
                _repeated.Add(key, paths = [_paths[key]]);
            }

            paths.Add(path);
        }
    }

    public void Close(FindingBag findings)
    {
        lock (_gate)
        {
            foreach (string path in _repeated.Values.SelectMany(paths => paths.Order(StringComparer.Ordinal).Skip(1)))
            {
                findings.Add(ValidationRules.E037, path, "Another object of this storage root has the same id.");
            }
        }
    }
}
