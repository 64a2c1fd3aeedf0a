using DocIngest.Backup.Indexes;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Copies;

/// <summary>Looks for objects below root trees. For one run.</summary>
/// <remarks>
/// A tree is read once for each thing it can be: a folder beside archives, or a certain folder of one. What is found below it is told to all
/// that hold it at the end, so that nothing is said twice of what a hundred snapshots share.
/// </remarks>
internal sealed class ObjectSearch(Repository repository, BlobIndex index, ObjectPlaces places, string rootName)
{
    /// <summary>A folder below which there may be storage roots; it may be one itself.</summary>
    private const int Anywhere = -1;

    /// <summary>The same, with the name of the archive: it counts as a storage root although it may not say so.</summary>
    private const int Named = -2;

    /// <summary>While a far store answers some, others are asked.</summary>
    private const int FewestReaders = 8;

    private readonly FileName _rootName = FileName.FromRaw(rootName);
    private readonly Dictionary<(BlobId Tree, int Step), Place> _places = [];

    /// <summary>Looks below some roots.</summary>
    /// <param name="roots">Null stands for one that is not known: nothing is found there.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>For each of them, the objects below it, and why there may be more.</returns>
    internal async Task<IReadOnlyList<(IReadOnlySet<int> Objects, string? Fault)>> RunAsync(IEnumerable<BlobId?> roots, CancellationToken cancellation)
    {
        var open = new List<Place>();
        Place?[] tops = [.. roots.Select(root => root is { } tree ? Meet(tree, Anywhere, open) : null)];
        while (open.Count > 0)
            open = await ReadAsync(open, cancellation);
        Tell();
        return [.. tops.Select(top => top is null ? (Place.Nothing, null) : (top.Found, top.Fault))];
    }

    /// <summary>Reads folders.</summary>
    /// <returns>Those in them that were not met before.</returns>
    private async Task<List<Place>> ReadAsync(List<Place> open, CancellationToken cancellation)
    {
        var inner = new List<(BlobId Tree, int Step)>[open.Count];
        var parallel = new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Math.Max(Environment.ProcessorCount, FewestReaders) };
        await Parallel.ForEachAsync(Enumerable.Range(0, open.Count), parallel, async (number, stop) => inner[number] = await ReadAsync(open[number], stop));
        var next = new List<Place>();
        for (int number = 0; number < open.Count; number++)
        {
            foreach (var (tree, step) in inner[number])
                Meet(tree, step, next).Above.Add(open[number]);
        }

        return next;
    }

    private Place Meet(BlobId tree, int step, List<Place> open)
    {
        if (_places.TryGetValue((tree, step), out var place))
            return place;
        _places.Add((tree, step), place = new Place(tree, step));
        open.Add(place);
        return place;
    }

    private async Task<List<(BlobId Tree, int Step)>> ReadAsync(Place place, CancellationToken cancellation)
    {
        try
        {
            using var blob = await repository.LoadBlobAsync(index, BlobType.Tree, place.Tree, cancellation);
            return Read(place, TreeReader.ReadAll(blob.Memory));
        }
        catch (Exception error) when (error is DamagedRepositoryException or MalformedTreeException)
        {
            place.Fault = $"A folder in it cannot be read. {error.Message}";
            return [];
        }
    }

    private List<(BlobId Tree, int Step)> Read(Place place, List<Node> nodes)
    {
        var inner = new List<(BlobId Tree, int Step)>();
        bool isRoot = place.Step is Named || (place.Step is Anywhere && nodes.Exists(StorageRootNames.MarksRoot));
        if (place.Step >= 0 || isRoot)
            Follow(place, Math.Max(place.Step, ObjectPlaces.Root), nodes, inner);
        if (place.Step < 0 && !nodes.Exists(node => StorageRootNames.MarksRoot(node) || StorageRootNames.MarksObject(node)))
        {
            inner.AddRange(nodes.Where(node => node.Subtree is not null)
                .Select(node => (node.Subtree.GetValueOrDefault(), node.Name == _rootName ? Named : Anywhere)));
        }

        return inner;
    }

    /// <summary>Notes the objects in a folder of an archive, and the folders on the way to more of them.</summary>
    private void Follow(Place place, int step, List<Node> nodes, List<(BlobId Tree, int Step)> inner)
    {
        foreach (var node in nodes)
        {
            if (places.Find(step, node.Name) is not { } below)
                continue;
            place.Add(places.ObjectsAt(below));
            if (node.Subtree is { } tree && places.LeadsOn(below))
                inner.Add((tree, below));
        }
    }

    /// <summary>Tells what was found, and what could not be read, to all folders above.</summary>
    private void Tell()
    {
        foreach (var place in _places.Values.Where(place => place.Found.Count > 0 || place.Fault is not null).ToList())
        {
            int[] found = [.. place.Found];
            var told = new HashSet<Place> { place };
            for (var above = new Stack<Place>(place.Above); above.TryPop(out var next);)
            {
                if (!told.Add(next))
                    continue;
                next.Add(found);
                next.Fault ??= place.Fault;
                next.Above.ForEach(above.Push);
            }
        }
    }

    /// <summary>A folder, in all the snapshots that have it.</summary>
    private sealed class Place(BlobId tree, int step)
    {
        internal BlobId Tree => tree;

        internal int Step => step;

        /// <summary>The folders it is in.</summary>
        internal List<Place> Above { get; } = [];

        /// <summary>What most places hold.</summary>
        internal static IReadOnlySet<int> Nothing { get; } = new HashSet<int>();

        private HashSet<int>? _found;   // there may be a million places, and next to none has any

        /// <summary>Objects in it or below it.</summary>
        internal IReadOnlySet<int> Found => _found ?? Nothing;

        /// <summary>Why there may be more.</summary>
        internal string? Fault { get; set; }

        internal void Add(IReadOnlyList<int> objects)
        {
            if (objects.Count > 0)
                (_found ??= []).UnionWith(objects);
        }
    }
}
