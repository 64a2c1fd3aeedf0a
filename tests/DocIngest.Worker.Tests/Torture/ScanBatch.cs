using System.Text;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.Torture;

/// <summary>Generated files of all kinds, and what must become of them.</summary>
internal sealed class ScanBatch
{
    private readonly HashSet<string> _documents = [];
    private readonly HashSet<string> _others = [];
    private readonly Dictionary<string, List<string>> _keyed = [];
    private byte[] _last = [];
    private int _next;

    /// <summary>Files made.</summary>
    public int Count => _next;

    /// <summary>SHA-512 of everything dropped.</summary>
    public IReadOnlySet<string> All => _documents.Concat(_others).ToHashSet();

    /// <summary>SHA-512 of what belongs into the archive, once each.</summary>
    public IReadOnlySet<string> Documents => _documents;

    /// <summary>SHA-512 of what belongs into quarantine.</summary>
    public IReadOnlySet<string> Others => _others;

    /// <summary>By document key, SHA-512 of its versions in their order.</summary>
    public IReadOnlyDictionary<string, List<string>> Keyed => _keyed;

    public int Records => _documents.Count - _keyed.Values.Sum(versions => versions.Count - 1);

    /// <summary>Makes the next files: of ten, six PDFs, a duplicate, a TIFF, a keyed document (two scans a key) and something else.</summary>
    public IEnumerable<(string Name, byte[] Content)> Take(int count)
    {
        for (int made = 0; made < count; made++)
        {
            yield return Next(_next++);
        }
    }

    private (string Name, byte[] Content) Next(int number)
    {
        switch (number % 10)
        {
            case 5:
                return ($"f{number:D6}-again.pdf", _last);
            case 6:
                return Document($"f{number:D6}.tif", A.Tiff().Size(16 + (number % 50), 16 + (number / 50)).Pages(1 + (number % 3)).ToBytes());
            case 7:
                string key = $"K{number / 20:D6}";
                byte[] keyed = Pdf($"keyed {number}");
                if (!_keyed.TryGetValue(key, out var versions))
                {
                    _keyed[key] = versions = [];
                }

                versions.Add(IntakeSite.HashOf(keyed));
                return Document($"{key}_{number:D6}.pdf", keyed);
            case 9:
                byte[] other = Encoding.UTF8.GetBytes($"a shopping list, number {number}\n");
                _others.Add(IntakeSite.HashOf(other));
                return ($"f{number:D6}.txt", other);
            default:
                return Document($"f{number:D6}.pdf", _last = Pdf($"report {number}"));
        }
    }

    private (string Name, byte[] Content) Document(string name, byte[] content)
    {
        _documents.Add(IntakeSite.HashOf(content));
        return (name, content);
    }

    private static byte[] Pdf(string text) => A.Pdf().WithTextLayer(text).ToBytes();
}
