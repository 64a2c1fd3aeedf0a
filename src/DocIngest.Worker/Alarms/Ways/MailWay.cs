using System.Globalization;
using System.Net.Sockets;
using System.Text;
using DocIngest.Worker.Backups;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace DocIngest.Worker.Alarms.Ways;

/// <summary>A mail to one address. A session of its own for each: a server that refuses one address has the others all the same.</summary>
internal sealed class MailWay(AlarmMailOptions options, string address, string dataFolder, TimeProvider time) : IAlarmWay
{
    /// <summary>Whether a text is one mail address, without a name.</summary>
    public static bool IsAddress(string text) =>
        text.Contains('@', StringComparison.Ordinal) && MailboxAddress.TryParse(text, out var mailbox) && mailbox.Address == text;

    public async Task SendAsync(AlarmLetter letter, CancellationToken cancellation)
    {
        using var message = Compose(letter);
        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            await SendAsync(message, either.Token);
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested && limit.IsCancellationRequested
            && error is (OperationCanceledException or IOException or SocketException or ProtocolException or SslHandshakeException))   // each is how a cut connection may end
        {
            throw new AlarmNotAcceptedException(string.Create(CultureInfo.InvariantCulture, $"The mail server did not answer within {options.Timeout.TotalSeconds:0} s."));
        }
        catch (CommandLine.CommandException error)
        {
            throw new AlarmNotAcceptedException("The password of the mail server cannot be had.", error.Message);
        }
        catch (SmtpCommandException error)
        {
            throw new AlarmNotAcceptedException(string.Create(CultureInfo.InvariantCulture, $"The mail server refused ({(int)error.StatusCode})."), error.Message);
        }
        catch (AuthenticationException error)
        {
            throw new AlarmNotAcceptedException("The mail server refused user or password.", error.Message);
        }
        catch (SslHandshakeException error)
        {
            throw new AlarmNotAcceptedException("No encrypted connection to the mail server: its certificate is not trusted here, has run out, or is another's.", error.Message);
        }
        catch (Exception error) when (error is SocketException or IOException or ProtocolException or NotSupportedException or TimeoutException)
        {
            throw new AlarmNotAcceptedException("The mail server cannot be reached, or does not speak as it should.", error.Message);
        }
    }

    private async Task SendAsync(MimeMessage message, CancellationToken cancellation)
    {
        // Without asking whether the certificate was revoked: an authority of the house often has no place to ask, and an alarm must go out.
        // Its own limit is one for each answer: ours, for all of it, comes first.
        using var client = new SmtpClient { CheckCertificateRevocation = false, Timeout = 2 * (int)options.Timeout.TotalMilliseconds };
        await client.ConnectAsync(options.Host, options.Port, Security, cancellation);
        if (options.User is { } user)
        {
            await client.AuthenticateAsync(Encoding.UTF8, user, await PasswordAsync(cancellation), cancellation);
        }

        await client.SendAsync(message, cancellation);
        try
        {
            await client.DisconnectAsync(quit: true, cancellation);
        }
        catch (Exception error) when (error is IOException or ProtocolException or MailKit.CommandException or SocketException or OperationCanceledException)
        {
            // The server has the message; how it says good-bye changes nothing.
        }
    }

    private SecureSocketOptions Security => options.Security switch
    {
        MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
        MailSecurity.StartTls => SecureSocketOptions.StartTls,
        MailSecurity.None => SecureSocketOptions.None,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private async Task<string> PasswordAsync(CancellationToken cancellation) =>
        options.Password is { } text && PasswordReference.TryParse(text, dataFolder, out var reference)
            ? Encoding.UTF8.GetString(await reference.ReadAsync(cancellation))
            : throw new CommandLine.CommandException(ExitCode.Usage, "No password of the mail server is configured.");

    private MimeMessage Compose(AlarmLetter letter)
    {
        var message = new MimeMessage
        {
            Subject = letter.Subject,
            Date = letter.Made,
            MessageId = $"{letter.Id}@{DomainOf(letter.Installation)}",   // the same when it is sent again: mail programs show it once
            Body = new TextPart("plain") { Text = letter.Text },
        };
        message.From.Add(new MailboxAddress("DocIngest", options.From));
        message.To.Add(MailboxAddress.Parse(address));
        message.Headers.Add("Auto-Submitted", "auto-generated");   // RFC 3834: no out-of-office replies
        message.Headers.Add("X-DocIngest-Message", letter.Id);
        return message;
    }

    private static string DomainOf(string machine)
    {
        string plain = new([.. machine.Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-')]);
        return (plain.Length == 0 ? "docingest" : plain) + ".docingest.invalid";   // RFC 2606: nobody's domain
    }
}
