using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using DocIngest.Worker.Backups;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Alarms.Ways;

/// <summary>A JSON document, posted to a web address.</summary>
internal sealed class WebhookWay(AlarmWebhookOptions options, string dataFolder, TimeProvider time) : IAlarmWay
{
    /// <summary>The header that has the id of the message, the same when it is sent again.</summary>
    public const string IdHeader = "X-DocIngest-Message";

    /// <summary>The header that has the signature over the body: <c>sha256=</c> and 64 hexadecimal digits.</summary>
    public const string SignatureHeader = "X-DocIngest-Signature";

    public async Task SendAsync(AlarmLetter letter, CancellationToken cancellation)
    {
        byte[] body = letter.ToJson();
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, (Uri?)null) { Content = content };
        request.Headers.Add(IdHeader, letter.Id);
        try
        {
            request.RequestUri = await WebAddress.ReadAsync(options.Url, dataFolder, needsTls: true, cancellation);
            if (await SecretAsync(options.Hmac, cancellation) is { } key)
            {
                request.Headers.Add(SignatureHeader, "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(key, body)));
            }

            if (await SecretAsync(options.Bearer, cancellation) is { } token)
            {
                request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + Encoding.UTF8.GetString(token));
            }
        }
        catch (CommandException error)
        {
            throw new AlarmNotAcceptedException("The address or a secret of the webhook cannot be had.", error.Message);
        }

        await WebCall.SendAsync(request, options.Timeout, time, cancellation);
    }

    private async Task<byte[]?> SecretAsync(string? text, CancellationToken cancellation) =>
        text is not null && PasswordReference.TryParse(text, dataFolder, out var reference) ? await reference.ReadAsync(cancellation) : null;
}
