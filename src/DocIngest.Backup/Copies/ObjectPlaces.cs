using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Copies;

/// <summary>The places of objects below a storage root, folder by folder: what of a tree is on the way to one of them.</summary>
/// <remarks>Steps are numbered; 0 is the storage root.</remarks>
internal sealed class ObjectPlaces
{
    /// <summary>The storage root.</summary>
    internal const int Root = 0;

    private readonly List<Step> _steps = [new Step()];

    /// <param name="objects">Paths below the root, with <c>/</c> between names. The place in this list is the object's number.</param>
    /// <exception cref="ArgumentException">A path is empty, or leads elsewhere.</exception>
    internal ObjectPlaces(IReadOnlyList<string> objects)
    {
        for (int number = 0; number < objects.Count; number++)
            Add(objects[number], number);
    }

    /// <summary>The step that an entry of a folder is; null where no object is at it, or below.</summary>
    internal int? Find(int step, FileName name) => _steps[step].Inner.TryGetValue(name, out int inner) ? inner : null;

    /// <summary>The objects at a step.</summary>
    internal IReadOnlyList<int> ObjectsAt(int step) => _steps[step].Objects;

    /// <summary>Whether there are objects below a step.</summary>
    internal bool LeadsOn(int step) => _steps[step].Inner.Count > 0;

    private void Add(string path, int number)
    {
        string[] names = path.Split('/');
        if (Array.Exists(names, name => name is "" or "." or ".."))
            throw new ArgumentException("The path of an object must be one below the storage root.", nameof(path));
        int at = Root;
        foreach (string name in names)
            at = Reach(at, FileName.FromRaw(name));
        _steps[at].Objects.Add(number);
    }

    private int Reach(int step, FileName name)
    {
        if (_steps[step].Inner.TryGetValue(name, out int inner))
            return inner;
        _steps.Add(new Step());
        _steps[step].Inner.Add(name, _steps.Count - 1);
        return _steps.Count - 1;
    }

    private sealed class Step
    {
        internal Dictionary<FileName, int> Inner { get; } = [];

        internal List<int> Objects { get; } = [];
    }
}
