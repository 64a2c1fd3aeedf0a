using System.Text;
using DocIngest.Worker.Backups;
using DocIngest.Worker.CommandLine;

namespace DocIngest.Worker.Alarms.Ways;

/// <summary>The address of a webhook or of a dead man's switch: in the configuration, or where that says it is.</summary>
internal static class WebAddress
{
    /// <summary>Why something is no address to call; null where it is one. It is not repeated: it may hold a secret.</summary>
    public static string? FaultOf(string text, bool needsTls) =>
        !Uri.TryCreate(text, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp)
            ? $"must be an address that begins with https://, or say where one is: {PasswordReference.Forms}"
        : address.UserInfo.Length > 0 ? "holds a name or password before its host: give a bearer token instead"
        : needsTls && address.Scheme == Uri.UriSchemeHttp && !Loopback.Is(address.Host) ? "must begin with https:// where it is not this machine itself"
        : null;

    /// <summary>The address.</summary>
    /// <exception cref="CommandException">The reference leads to nothing, or to no address; exit 2 or 6.</exception>
    public static async Task<Uri> ReadAsync(string setting, string dataFolder, bool needsTls, CancellationToken cancellation)
    {
        string text = PasswordReference.TryParse(setting, dataFolder, out var reference) ? Encoding.UTF8.GetString(await reference.ReadAsync(cancellation)).Trim() : setting;
        return FaultOf(text, needsTls) is { } fault ? throw new CommandException(ExitCode.Usage, $"What stands where the address should be {fault}.") : new Uri(text);
    }
}
