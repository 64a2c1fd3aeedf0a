using System.Text;
using DocIngest.Pipeline.Classification;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Scans;

/// <summary>Reads the JSON file beside a scan.</summary>
internal static class SidecarFile
{
    /// <summary>The sidecar's text; null where the profile has none or there is none. One too large reads as its first part, which is no JSON.</summary>
    public static string? Read(DropFolder folder, string relativePath)
    {
        string path = DropFolder.SidecarPath(relativePath);
        if (folder.Profile.Sidecar == SidecarMode.None || folder.Folder.Find(path) is not { Kind: EntryKind.File })
        {
            return null;
        }

        try
        {
            using var content = folder.Folder.OpenRead(path);
            byte[] bytes = new byte[Sidecar.MaxBytes];
            int read = content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return Encoding.UTF8.GetString(bytes.AsSpan(0, read));
        }
        catch (EntryNotFoundException)
        {
            return null;   // went away since the look: a scan without sidecar
        }
    }
}
