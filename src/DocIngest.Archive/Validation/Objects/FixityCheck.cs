using System.Buffers;

namespace DocIngest.Archive.Validation;

/// <summary>Reads content and compares it with every digest that any inventory of the object promises. Each file is read once.</summary>
internal sealed class FixityCheck(ValidationWork work)
{
    private const int BlockBytes = 256 * 1024;

    private readonly Dictionary<string, List<Promise>> _promises = new(StringComparer.Ordinal);

    /// <summary>Adds what an inventory promises. Digests that cannot be any of their algorithm are left out: they are findings already.</summary>
    public void Add(InventoryFacts inventory, ContentListing content)
    {
        foreach (var (path, digest) in inventory.Manifest)
        {
            if (inventory.Algorithm is { } algorithm)
            {
                Add(path, new Promise(algorithm, digest, ValidationRules.E092), content);
            }
        }

        foreach (var fact in inventory.Fixity)
        {
            Add(fact.Path, new Promise(fact.Algorithm, fact.Digest, ValidationRules.E093), content);
        }
    }

    /// <summary>Reads all files, several at once.</summary>
    public void Run(string root, FindingBag findings)
    {
        string[] paths = [.. _promises.Keys];
        Array.Sort(paths, StringComparer.Ordinal);
        var broken = new FindingBag?[paths.Length];
        work.ForEach(paths.Length, index => broken[index] = Check(paths[index], root));
        foreach (var bag in broken)
        {
            if (bag is not null)
            {
                findings.AddAll(bag, _ => true);
            }
        }
    }

    private void Add(string path, Promise promise, ContentListing content)
    {
        if (!promise.Algorithm.IsWellFormed(promise.Digest) || !content.Contains(path))
        {
            return;
        }

        if (!_promises.TryGetValue(path, out var promises))
        {
            _promises.Add(path, promises = new List<Promise>(1));
        }

        if (!promises.Contains(promise))
        {
            promises.Add(promise);
        }
    }

    /// <summary>Null where nothing is wrong.</summary>
    private FindingBag? Check(string path, string root)
    {
        var findings = new FindingBag(root);
        new ObjectTree(work.Folder, root, findings).Read(path, file =>
        {
            var promises = _promises[path];
            var actual = Digests(file, promises.Select(promise => promise.Algorithm).Distinct());
            foreach (var promise in promises)
            {
                findings.Unless(actual[promise.Algorithm] == promise.Digest, promise.Rule, path, $"The file does not have the {promise.Algorithm.Name} digest that it should have.");
            }

            work.FileDone();
        });
        return findings.Counts.Count > 0 ? findings : null;
    }

    private Dictionary<DigestAlgorithm, string> Digests(Stream file, IEnumerable<DigestAlgorithm> algorithms)
    {
        var running = algorithms.ToDictionary(algorithm => algorithm, algorithm => algorithm.Start());
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            for (int read; (read = file.Read(block)) > 0;)
            {
                foreach (var digest in running.Values)
                {
                    digest.Append(block.AsSpan(0, read));
                }

                work.BytesDone(read);
            }

            return running.ToDictionary(entry => entry.Key, entry => entry.Value.Finish());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
            foreach (var digest in running.Values)
            {
                digest.Dispose();
            }
        }
    }

    private readonly record struct Promise(DigestAlgorithm Algorithm, string Digest, ValidationRule Rule);
}
