namespace DocIngest.Worker.Configuration;

/// <summary>Where a path leads once every link on its way was followed: two paths of one place have the same.</summary>
/// <remarks>Not the same for a place that is mounted twice: that shows in no path.</remarks>
internal static class RealPath
{
    // Those of one path, as in Linux (path_resolution(7)); more of them go in a circle.
    private const int MostLinks = 40;

    /// <summary>The place. From where nothing exists, or may not be looked at, the path goes on as it was written.</summary>
    /// <param name="path">Absolute.</param>
    public static string Of(string path)
    {
        string place = Path.GetPathRoot(path) ?? "";
        var ahead = new Stack<string>();
        Push(ahead, path[place.Length..]);
        for (int links = 0; ahead.TryPop(out string? name);)
        {
            if (name == "..")   // of a link's target
            {
                place = Path.GetDirectoryName(place) ?? place;
                continue;
            }

            string next = Path.Combine(place, name);
            if (links < MostLinks && new DirectoryInfo(next).LinkTarget is { } target)
            {
                links++;
                string root = Path.IsPathRooted(target) ? Path.GetPathRoot(target) ?? "" : "";
                place = root.Length > 0 ? root : place;
                Push(ahead, target[root.Length..]);
            }
            else
            {
                place = next;
            }
        }

        return place;
    }

    /// <summary>Whether the inner path is the outer one or lies below it: as both are written, or by where they lead.</summary>
    public static bool Holds(string outer, string inner) => FolderPath.Contains(outer, inner) || FolderPath.Contains(Of(outer), Of(inner));

    private static void Push(Stack<string> ahead, string path)
    {
        foreach (string name in path.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Reverse())
        {
            if (name is not ("" or "."))
            {
                ahead.Push(name);
            }
        }
    }
}
