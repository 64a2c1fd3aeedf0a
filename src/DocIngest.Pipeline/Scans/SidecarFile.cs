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
        if (folder.Profile.Sidecar == SidecarMode.None || folder.FindCompanion(path) is null)
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
        catch (Exception error) when (error is EntryNotFoundException or RefusedEntryException)
        {
            return null;   // went away since the look, or gave way to a link: a scan without sidecar
        }
    }
}
