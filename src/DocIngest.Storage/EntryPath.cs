namespace DocIngest.Storage;

/// <summary>A checked path below a folder: elements separated by <c>/</c>, none empty, <c>.</c> or <c>..</c>; <c>""</c> is the folder itself.</summary>
internal readonly struct EntryPath
{
    private EntryPath(string text) => Text = text;

    internal string Text { get; }

    internal bool IsRoot => Text.Length == 0;

    internal EntryPath Parent => new(Text[..Math.Max(Text.LastIndexOf('/'), 0)]);

    internal string Name => Text[(Text.LastIndexOf('/') + 1)..];

    internal string[] Elements => IsRoot ? [] : Text.Split('/');

    /// <exception cref="ArgumentException">No such path can exist. The message does not repeat it: it may be a patient's name.</exception>
    internal static EntryPath Parse(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var rest = path.AsSpan();
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf('/');
            CheckElement(end < 0 ? rest : rest[..end]);
            if (end == rest.Length - 1)
                throw new ArgumentException("The path ends in a separator.", nameof(path));
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return new EntryPath(path);
    }

    /// <summary>As <see cref="Parse"/>, for members that need something below the folder.</summary>
    internal static EntryPath ParseBelow(string path)
    {
        var parsed = Parse(path);
        return parsed.IsRoot
            ? throw new ArgumentException("The path must name something below the folder.", nameof(path))
            : parsed;
    }

    private static void CheckElement(ReadOnlySpan<char> element)
    {
        if (element is "" or "." or ".." || element.Contains('\0'))
            throw new ArgumentException("A path element is empty, '.', '..' or holds a NUL.", "path");
    }
}
